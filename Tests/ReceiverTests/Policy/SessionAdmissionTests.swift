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

    @Test(
        "A gateway that has not named its client takes a session, and no client's place, also not that of its own address"
    )
    func gateways() throws {
        var limits = ReceiverLimits()
        (limits.sessions, limits.sessionsPerClient, limits.sessionsPerNetwork) = (5, 1, 2)
        (limits.connectionsPerMinute, limits.abortsPerMinute) = (1, 1)
        let admission = SessionAdmission(limits: limits)
        let address = try SocketAddress(ipAddress: "192.0.2.1", port: 4000)
        let (gateway, client) = (ClientNetwork(address, isGateway: true), ClientNetwork(address))
        for _ in 0..<4 {
            #expect(admission.enter(gateway) == .welcome)
            admission.noteAbort(of: gateway, now: .now())
        }
        #expect(admission.enter(client) == .welcome)
        admission.leave(gateway)
        #expect(admission.enter(client) == .tooManyFromClient)
        #expect(admission.enter(gateway) == .overloaded)
        for _ in 0..<4 { admission.leave(gateway) }
        for _ in 0..<2 { admission.leave(client) }
        #expect(admission.sessions == 0)
    }
}
