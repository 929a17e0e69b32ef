import CLibSSL

/// The name that a server's certificate must carry: a DNS name or an IP address (RFC 9525).
enum TLSPeerName: Hashable {
    case name(String)
    case address(String)

    /// The longest DNS name in text (RFC 1035 §2.3.4).
    private static let longestName = 253

    /// - Throws: `TLSError.Code.hostInvalid` for what is neither.
    init(_ host: String) throws(TLSError) {
        if let octets = a2i_IPADDRESS(host) {
            ASN1_OCTET_STRING_free(octets)
            self = .address(host)
            return
        }
        OpenSSLErrorQueue.clear()
        // A final dot marks the root; certificates and SNI do without it (RFC 6066 §3).
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        guard !name.isEmpty, name.utf8.count <= Self.longestName, name.utf8.allSatisfy(Self.isNameByte) else {
            throw TLSError(
                .hostInvalid,
                "\(host.debugDescription) is neither a host name (in ASCII, as xn--… where needed) nor an address.")
        }
        self = .name(name)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// Makes the handshake on `ssl` fail unless the server's certificate is for this name, and asks for it by SNI.
    func expect(on ssl: OpaquePointer) throws(TLSError) {
        let parameters = SSL_get0_param(ssl)
        // RFC 9525 §6.3: no `mx*.example.com`, and the subject's common name counts for nothing.
        X509_VERIFY_PARAM_set_hostflags(
            parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS) | UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
        let accepted =
            switch self {
            case .address(let text): X509_VERIFY_PARAM_set1_ip_asc(parameters, text) == 1
            case .name(let name):
                X509_VERIFY_PARAM_set1_host(parameters, name, 0) == 1
                    && CLibSSL_SSL_set_tlsext_host_name(ssl, name) == 1
            }
        guard accepted else {
            throw TLSError(
                .hostInvalid, "No certificate can be checked against \(self).", cause: OpenSSLErrorQueue.drain())
        }
    }
}
