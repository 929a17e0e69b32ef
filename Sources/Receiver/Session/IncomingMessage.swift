import MailModel
import SMTPProtocol

/// A message between 354 and its end.
final class IncomingMessage {
    var envelope: Envelope
    let body: IncomingBody
    /// The room on the disk that was promised to it.
    let reservation: SpaceReservation
    /// Octets of the trace line that stand before what the client sends.
    let traceLength: Int
    /// The disk has no room for it above the floor: it is read to its end, so that the client sees the reply, and not kept.
    private(set) var lacksRoom = false
    private(set) var header = HeaderMeter()
    private var decoder: DataDecoder
    private var received = 0

    init(envelope: Envelope, body: IncomingBody, decoder: DataDecoder, reservation: SpaceReservation, traceLength: Int)
    {
        self.envelope = envelope
        self.body = body
        self.decoder = decoder
        self.reservation = reservation
        self.traceLength = traceLength
    }

    var findings: DataFindings { decoder.findings }

    /// Octets of the message as stored.
    var size: Int { decoder.findings.octets + traceLength }

    /// Takes octets from the client, up to the end of the message.
    func receive(_ octets: UnsafeRawBufferPointer) -> DataDecoder.Progress {
        decoder.decode(octets) { append($0) }
    }

    private func append(_ octets: UnsafeRawBufferPointer) {
        header.add(octets)
        guard !lacksRoom else { return }
        received += octets.count
        // What the client has declared, or not, is not what it sends.
        guard reservation.cover(received) else {
            lacksRoom = true
            return body.abandon()
        }
        body.append(octets)
    }
}
