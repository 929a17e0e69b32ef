import SystemTLS

/// `[receive.tls]`: the certificate behind STARTTLS.
struct ReceiveTLSSection: Hashable, Sendable {
    let certificate: String
    let key: String

    init(_ reader: SectionReader) throws(ConfigurationError) {
        certificate = try reader.value(Self.certificateSetting)
        key = try reader.value(Self.keySetting)
    }

    /// Throws unless this process can read both files.
    func requireFiles(_ reader: SectionReader) throws(ConfigurationError) {
        let remedy = "let the user of the receiver read it, or remove [receive.tls] to offer no STARTTLS"
        try reader.requireReadable(certificate, Self.certificateSetting, remedy: remedy)
        try reader.requireReadable(key, Self.keySetting, remedy: remedy)
    }

    /// Both files as the receiver takes them. Throws where one is no PEM, or they do not belong together.
    func identity(_ reader: SectionReader) throws(ConfigurationError) -> TLSServerIdentity {
        do throws(TLSError) {
            return try TLSServerIdentity(certificateFile: certificate, keyFile: key, listener: "smtp")
        } catch {
            let isKeys = error.code == .keyUnreadable || error.code == .keyMismatch
            throw reader.error(isKeys ? Self.keySetting : Self.certificateSetting, error)
        }
    }
}

extension ReceiveTLSSection {
    static let path = ["receive", "tls"]

    static let options = [certificateSetting.option, keySetting.option]

    static let certificateSetting = Setting(
        "certificate", in: path, .path, .required(example: "/etc/layover/tls/fullchain.pem"),
        summary: "The certificate and the chain above it, in PEM.",
        consequence:
            "The receiver does not start when it cannot read the file.")

    static let keySetting = Setting(
        "key", in: path, .path, .required(example: "/etc/layover/tls/privkey.pem"),
        summary: "The private key of the certificate, in PEM, without a passphrase.",
        consequence: "Only the user of the receiver should be able to read it.")
}
