import MailModel
import SMTPProtocol

/// A message between 354 and its end.
final class IncomingMessage {
    var envelope: Envelope
    let body: IncomingBody
    var decoder: DataDecoder
    /// Bytes of free space that were promised to it.
    let reservedBytes: Int
    /// Octets of the trace line that stand before what the client sends.
    let traceLength: Int

    init(envelope: Envelope, body: IncomingBody, decoder: DataDecoder, reservedBytes: Int, traceLength: Int) {
        self.envelope = envelope
        self.body = body
        self.decoder = decoder
        self.reservedBytes = reservedBytes
        self.traceLength = traceLength
    }
}
