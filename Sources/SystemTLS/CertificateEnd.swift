import CLibSSL

/// When a certificate ends.
enum CertificateEnd {
    /// In seconds since 1970; nil for a date that OpenSSL cannot read.
    static func seconds(of certificate: OpaquePointer) -> Int? {
        guard let epoch = ASN1_TIME_set(nil, 0) else { return nil }
        defer { ASN1_TIME_free(epoch) }
        var (days, seconds): (Int32, Int32) = (0, 0)
        guard ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(certificate)) == 1 else { return nil }
        return Int(days) * 86_400 + Int(seconds)
    }
}
