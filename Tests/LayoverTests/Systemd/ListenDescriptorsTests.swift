import Testing

@testable import Layover

@Suite("Sockets that systemd hands over")
struct ListenDescriptorsTests {
    private func sockets(
        _ count: String?, _ names: String? = nil, processID: String? = "42"
    ) -> ListenDescriptors {
        ListenDescriptors(processID: processID, count: count, names: names, ownID: 42)
    }

    @Test("They begin at 3; with the name of a socket unit, of the configuration or with none they are ours")
    func taken() {
        #expect(sockets("2").sockets == [3, 4])
        #expect(sockets("2", "smtp:smtp").sockets == [3, 4])
        #expect(sockets("1", "layover-receive.socket").sockets == [3])
    }

    @Test("A descriptor of another name is told of and left alone")
    func foreign() {
        let found = sockets("3", "smtp:http:smtp")
        #expect(found.sockets == [3, 5])
        #expect(found.unknownNames == ["http"])
    }

    @Test(
        "Variables of another process, or that make no sense, hand nothing over",
        arguments: [
            ("41", "1"), (nil, "1"), ("42", nil), ("42", "0"), ("42", "-1"), ("42", "x"), ("42", "65"), ("x", "1"),
            ("42", "99999999999999999999"),
        ] as [(String?, String?)])
    func nothing(_ processID: String?, _ count: String?) {
        #expect(sockets(count, processID: processID).sockets.isEmpty)
    }
}
