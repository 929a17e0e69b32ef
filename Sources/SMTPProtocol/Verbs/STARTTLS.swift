// STARTTLS (RFC 3207)
//
//     C: STARTTLS
//     S: 220 2.0.0 Ready to start TLS
//     (handshake; then the client begins again with EHLO)

extension SMTPServerStateMachine {
    mutating func starttls() -> Action {
        guard tls == nil else { return refuse(.tlsIsOn) }
        guard configuration.offersSTARTTLS else { return refuse(.notImplemented) }
        guard greeting != nil else { return refuse(.helloFirst) }
        guard transaction == nil else { return refuse(.startTLSInTransaction) }
        phase = .startingTLS
        return .startTLS(.startTLS)
    }
}
