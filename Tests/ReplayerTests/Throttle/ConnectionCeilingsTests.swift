import IMAPProtocol
import Logging
import NIOCore
import Testing

@testable import Replayer

/// The number of mailboxes worked on at once: as configured, as ordered, as the target bears.
struct ConnectionCeilingsTests {
    private static func ceilings(_ connections: Int, recovery: Duration = .zero) -> ConnectionCeilings {
        var target = ReplayTarget(
            name: "t", endpoint: IMAPEndpoint(host: "127.0.0.1", port: 1, security: .none), kind: .auto,
            credentials: TargetCredentials(method: .passwords, passwordFile: "/dev/null"), connections: connections,
            settle: .seconds(1))
        target.recovery = recovery
        return ConnectionCeilings(
            targets: ["t": target], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static func take(_ ceilings: ConnectionCeilings) -> Int {
        var taken = 0
        while ceilings.begin("t") { taken += 1 }
        return taken
    }

    @Test("There are as many places as configured, and one that is given back can be taken again")
    func places() {
        let ceilings = Self.ceilings(3)
        #expect(Self.take(ceilings) == 3)
        ceilings.end("t", mailboxID: "a")
        #expect(Self.take(ceilings) == 1)
        #expect(ceilings.active == ["t": 3])
    }

    @Test(
        "An order lowers the number, never raises it above the configuration, and is taken back", arguments: [1, 2, 9])
    func orders(number: Int) {
        let ceilings = Self.ceilings(4)
        ceilings.order(number, for: "t")
        #expect(ceilings.ceilings == ["t": min(number, 4)])
        ceilings.order(nil, for: "t")
        #expect(ceilings.ceilings == ["t": 4])
    }

    @Test("As many mailboxes leave their places as there are too many, and no more, whoever asks first")
    func yielding() {
        let ceilings = Self.ceilings(8)
        let taken = Self.take(ceilings)
        ceilings.order(3, for: "t")
        let asked = (0..<taken).filter { ceilings.mustYield("t", mailboxID: "m\($0)") }
        #expect(asked.count == 5)
        #expect(asked.allSatisfy { ceilings.mustYield("t", mailboxID: "m\($0)") }, "the answer changed")
        for number in asked { ceilings.end("t", mailboxID: "m\(number)") }
        #expect(ceilings.active == ["t": 3])
        #expect((0..<taken).allSatisfy { !ceilings.mustYield("t", mailboxID: "m\($0)") })
        #expect(!ceilings.begin("t"))
    }

    @Test("What trouble has lowered is told with its words, and no more once it is over")
    func lowered() {
        let ceilings = Self.ceilings(4)
        #expect(ceilings.lowered.isEmpty)
        ceilings.trouble("t", "BYE busy")
        #expect(ceilings.lowered.map { [$0.connections, $0.allowed] } == [[2, 4]])
        #expect(ceilings.lowered.first?.words == "BYE busy")
        // An order that is lower still is a person's word, not trouble.
        ceilings.order(2, for: "t")
        #expect(ceilings.lowered.isEmpty)
        ceilings.order(nil, for: "t")
        for _ in 0..<2 { ceilings.worked("t") }
        #expect(ceilings.lowered.isEmpty)
    }

    @Test("Trouble halves the number down to one; what the target takes afterwards brings it back one by one")
    func troubleAndRecovery() {
        let ceilings = Self.ceilings(8)
        var seen: [Int?] = []
        for _ in 0..<4 {
            ceilings.trouble("t", "BYE")
            seen.append(ceilings.ceilings["t"])
        }
        #expect(seen == [4, 2, 1, 1])
        for _ in 0..<9 {
            ceilings.worked("t")
            seen.append(ceilings.ceilings["t"])
        }
        #expect(seen.dropFirst(4) == [2, 3, 4, 5, 6, 7, 8, 8, 8])
    }

    @Test("Connections lost at one moment are one trouble, and nothing is given back before the quiet time is over")
    func oneTrouble() {
        let ceilings = Self.ceilings(8, recovery: .seconds(600))
        for _ in 0..<8 { ceilings.trouble("t", "reset") }
        ceilings.worked("t")
        #expect(ceilings.ceilings == ["t": 4])
    }

    @Test("Recovery goes up to what a person has ordered")
    func recoveryUnderOrder() {
        let ceilings = Self.ceilings(8)
        ceilings.order(2, for: "t")
        ceilings.trouble("t", "NO [UNAVAILABLE]")
        #expect(ceilings.ceilings == ["t": 1])
        for _ in 0..<5 { ceilings.worked("t") }
        #expect(ceilings.ceilings == ["t": 2])
        ceilings.order(nil, for: "t")
        #expect(ceilings.ceilings == ["t": 8])
    }

    @Test("UNAVAILABLE, INUSE and LIMIT mean that fewer connections help; other codes do not")
    func codes() {
        let codes: [ResponseCode] = [.unavailable, .overQuota, .inUse, .noPermission, .limit, .tryCreate]
        #expect(codes.filter { $0.meansTooMuch } == [.unavailable, .inUse, .limit])
    }
}
