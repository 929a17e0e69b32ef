import MailModel
import SMTPProtocol

/// A message between 354, or its first BDAT, and its end.
final class IncomingMessage {
    var envelope: Envelope
    let body: IncomingBody
    /// The room on the disk that was promised to it.
    let reservation: SpaceReservation
    /// The disk has no room for it above the floor: it is read to its end, so that the client sees the reply, and not kept.
    private(set) var lacksRoom = false
    /// Measures the header as the client sends it.
    private var headerMeter = HeaderMeter()
    private var lineMeter: LineMeter
    private var decoder: DataDecoder
    private var header: HeaderFilter
    private var stored = 0
    /// Nothing has come yet.
    private var isBeginning = true
    /// Octets of the trace line that stand before what the client sends.
    private let traceLength: Int

    init(
        envelope: Envelope, body: IncomingBody, decoder: DataDecoder, header: HeaderFilter,
        reservation: SpaceReservation, lineLimit: Int, traceLength: Int
    ) {
        self.envelope = envelope
        self.body = body
        self.decoder = decoder
        self.header = header
        self.reservation = reservation
        lineMeter = LineMeter(limit: lineLimit)
        self.traceLength = traceLength
    }

    var findings: DataFindings { decoder.findings }

    /// Octets of the message as stored.
    var size: Int { stored + traceLength }

    /// Octets of the header, also of what was taken out of it.
    var headerOctets: Int { headerMeter.octets }

    /// A line is longer than it may be.
    var hasTooLongLine: Bool { lineMeter.isExceeded }

    /// It has passed this host before, or so many that it must be going round in circles (RFC 5321 §6.3).
    func isLooping(limit: Int) -> Bool { header.wasHere || hasTooManyHops(limit: limit) }

    func hasTooManyHops(limit: Int) -> Bool { header.hops >= limit }

    /// Takes octets from the client, up to the end of the message.
    func receive(_ octets: UnsafeRawBufferPointer) -> DataDecoder.Progress {
        decoder.decode(octets) { filter($0) }
    }

    /// The client has sent all of it. What was done to the octets is said in the envelope.
    func finish() {
        decoder.finish { filter($0) }
        header.finish { store($0) }
        envelope.normalizedNewlines = decoder.findings.normalizedNewlines
        envelope.isLastLineCompleted = decoder.findings.isLastLineCompleted
        envelope.removedResults = header.removed
        envelope.isJunk = header.isJunk
    }

    private func filter(_ octets: UnsafeRawBufferPointer) {
        if isBeginning, let first = octets.first { begin(with: first) }
        headerMeter.add(octets)
        lineMeter.add(octets)
        guard !lacksRoom else { return }
        if header.isBody { store(octets) } else { header.read(octets) { store($0) } }
    }

    /// A message whose first line is indented would go on with our trace line (RFC 5322 §2.2.3), and say whatever its sender likes in it.
    /// It goes on with a field of ours that says nothing; what the sender wrote stays as it is.
    private func begin(with first: UInt8) {
        isBeginning = false
        guard first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") else { return }
        ("X-Layover-First-Line:\r\n" as StaticString).withUTF8Buffer { store(UnsafeRawBufferPointer($0)) }
    }

    private func store(_ octets: UnsafeRawBufferPointer) {
        guard !lacksRoom else { return }
        stored += octets.count
        // What the client has declared, or not, is not what it sends.
        guard reservation.cover(size) else {
            lacksRoom = true
            reservation.giveBack()
            return body.abandon()
        }
        body.append(octets)
    }
}
