import MailModel
import Testing

@testable import Layover

@Suite("What is taken over from another spool")
struct ImportVerdictTests {
    /// `state`, `state?` for a doubtful one, `state@mailbox` with its mailbox.
    private func candidate(_ words: [String]) -> ImportCandidate {
        let deliveries = words.map { word in
            let parts = word.split(separator: "@").map(String.init)
            return ImportCandidate.Delivery(
                state: parts[0].replacing("?", with: ""), isDoubtful: parts[0].hasSuffix("?"),
                mailbox: parts.count > 1 ? parts[1] : nil)
        }
        let recipients = words.indices.map { MailAddress(localPart: "r\($0)", domain: "example.com") }
        let envelope = Envelope(
            id: MessageID(high: 0, low: 1), receivedAt: Timestamp(seconds: 0), sender: .null, recipients: recipients,
            client: "", helo: "", transmission: "")
        return ImportCandidate(
            envelope: envelope, deliveries: deliveries, length: 0, digest: .zero, content: { _ in })
    }

    @Test(
        "Held and failed is owed, all that is settled there is not",
        arguments: [
            (["held"], [0]), (["failed"], [0]), (["held", "held"], [0, 1]),
            (["delivered", "verified", "merged", "passed", "handed_off", "dropped"], []),
            (["verified", "held", "dropped", "failed"], [1, 3]), (["delivered?", "verified?", "held"], [2]),
            // Replay there would merge it: the mailbox has the message.
            (["verified@anna", "held@anna", "held@ben"], [2]), (["dropped@anna", "held@anna"], [1]),
        ])
    func owed(states: [String], expected: [Int]) {
        let addresses = expected.map { MailAddress(localPart: "r\($0)", domain: "example.com") }
        #expect(candidate(states).verdict == (expected.isEmpty ? .settled : .owed(addresses)))
    }

    @Test(
        "What may be in a mailbox or not is left to the other spool",
        arguments: [["appending"], ["held", "held?"], ["failed?", "verified"]])
    func doubtful(states: [String]) {
        guard case .doubtful = candidate(states).verdict else { return #expect(Bool(false), "\(states)") }
        #expect(candidate(states).obstacle != nil)
    }

    @Test("A state of a newer version is never guessed at")
    func unknown() {
        #expect(candidate(["held", "teleported"]).verdict == .unknown("teleported"))
    }
}
