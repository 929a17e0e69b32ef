import IMAPProtocol
import MailModel
import Testing

@testable import Replayer

struct LateLooksTests {
    private static let ids = (0..<3).map { MessageID(milliseconds: 1, random: 1, UInt64($0)) }

    @Test("A look stays due until it is made; what was added meanwhile stays")
    func untilDone() {
        let looks = LateLooks()
        looks.add("m", .inbox, Array(Self.ids[..<2]), after: .zero)
        #expect(looks.due == ["m"])
        let due = looks.due("m")
        #expect(due.map(\.ids) == [Set(Self.ids[..<2])])
        #expect(looks.due("m").map(\.ids) == due.map(\.ids), "it was not made")
        looks.add("m", .inbox, [Self.ids[2]], after: .zero)
        looks.done("m", due)
        #expect(looks.due("m").map(\.ids) == [[Self.ids[2]]])
        looks.done("m", looks.due("m"))
        #expect(looks.mailboxes.isEmpty && looks.due.isEmpty)
    }

    @Test("Each message is looked for once, as late as its last refusal wants")
    func later() {
        let looks = LateLooks()
        looks.add("m", .inbox, [Self.ids[0]], after: .seconds(3600))
        looks.add("m", .inbox, Array(Self.ids[..<2]), after: .zero)
        #expect(looks.due("m").map(\.ids) == [[Self.ids[1]]] && looks.messages == 2)
        looks.add("m", .inbox, [Self.ids[1]], after: .seconds(3600))
        #expect(looks.due("m").isEmpty && looks.messages == 2)
        #expect(looks.forget("m") == 2 && looks.mailboxes.isEmpty)
    }
}
