import NIOCore
import SMTPProtocol
import Testing

@testable import Receiver

@Suite("Who may have a session")
struct SessionAdmissionTests {
    private func network(_ address: String) throws -> ClientNetwork {
        ClientNetwork(try SocketAddress(ipAddress: address, port: 4000))
    }

    @Test("One client has so many sessions, all together have so many, and places come free")
    func limits() throws {
        var limits = ReceiverLimits()
        limits.sessions = 3
        limits.sessionsPerClient = 2
        let admission = SessionAdmission(limits: limits)
        let (one, other) = (try network("192.0.2.1"), try network("192.0.2.2"))
        #expect(admission.enter(one) == .welcome)
        #expect(admission.enter(one) == .welcome)
        #expect(admission.enter(one) == .tooManyFromClient)
        admission.leave(one)
        #expect(admission.enter(other) == .welcome)
        #expect(admission.enter(other) == .overloaded)
        admission.leave(other)
        admission.leave(one)
        #expect(admission.enter(other) == .welcome)
        admission.leave(other)
        admission.leave(other)
        admission.leave(one)
        #expect(admission.sessions == 0)
    }

    @Test("An IPv6 client is its /64; an IPv4 client is its address")
    func networks() throws {
        #expect(try network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff::9"))
        #expect(try network("2001:db8:1:2::1") != network("2001:db8:1:3::1"))
        #expect(try network("192.0.2.1") != network("192.0.2.2"))
        #expect(try network("0.0.0.1") != network("::1"))
    }
}
