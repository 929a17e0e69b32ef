import Ledger
import MailModel
import Replayer

/// What `prove --live` prints of the targets' answers.
struct LiveProofText {
    let proof: LiveProof

    private var numbers: [(name: String, value: Int)] {
        [
            ("live_present", proof.present), ("live_moved", proof.moved), ("live_missing", proof.missing),
            ("live_doubled", proof.doubles.count), ("live_not_asked", proof.notAsked),
        ]
    }

    /// Fields for the one JSON object; `doubles` names them.
    var fields: [(name: String, value: String)] {
        let doubles = proof.doubles.map { double in
            JSONText.object([
                ("id", JSONText.string(double.id.description)), ("mailbox", JSONText.string(double.mailbox)),
                ("places", "[" + double.places.map { JSONText.string(Self.words($0)) }.joined(separator: ",") + "]"),
            ])
        }
        return numbers.map { ($0.name, String($0.value)) } + [("doubles", "[" + doubles.joined(separator: ",") + "]")]
    }

    /// A line for each number and each double, with its line end.
    var table: String {
        var text = numbers.map { $0.name.padded(to: 16) + "\($0.value)\n" }.joined()
        for double in proof.doubles {
            let places = double.places.map(Self.words).joined(separator: ", ")
            text += "TWICE: \(double.id) in \(double.mailbox.escapedToOneLine): \(places.escapedToOneLine)\n"
        }
        return text
    }

    /// What could not be asked, a line each.
    var warnings: [String] {
        proof.problems.map { "\($0.mailbox.address): \($0.error.code): \($0.error)" }
            + proof.closedFolders.map { "\($0): the server did not open this folder; what is missing may be there" }
    }

    private static func words(_ place: LiveProof.Place) -> String { "\(place.folder) UID \(place.uid)" }
}
