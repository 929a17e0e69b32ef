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
            ("live_verified", proof.verified),
            ("live_cleared", proof.cleared), ("live_never_seen", proof.neverSeen),
        ]
    }

    private static let missingShown = 50

    /// Fields for the one JSON object; `doubles` and `missing` name them.
    var fields: [(name: String, value: String)] {
        let doubles = proof.doubles.map { double in
            JSONText.object([
                ("id", JSONText.string(double.id.description)), ("mailbox", JSONText.string(double.mailbox)),
                ("places", "[" + double.places.map { JSONText.string(Self.words($0)) }.joined(separator: ",") + "]"),
            ])
        }
        let missing = proof.missingCopies.map { copy in
            JSONText.object([
                ("id", JSONText.string(copy.id.description)), ("mailbox", JSONText.string(copy.mailbox)),
            ])
        }
        return numbers.map { ($0.name, String($0.value)) } + [
            ("doubles", "[" + doubles.joined(separator: ",") + "]"),
            ("missing", "[" + missing.joined(separator: ",") + "]"),
        ]
    }

    /// A line for each number and each double, with its line end.
    var table: String {
        var text = numbers.map { $0.name.padded(to: 16) + "\($0.value)\n" }.joined()
        for double in proof.doubles {
            let places = double.places.map(Self.words).joined(separator: ", ")
            text += "TWICE: \(double.id) in \(double.mailbox.escapedToOneLine): \(places.escapedToOneLine)\n"
        }
        for copy in proof.missingCopies.prefix(Self.missingShown) {
            text +=
                "MISSING: \(copy.id) of \(copy.mailbox.escapedToOneLine): in no folder; its owner may have deleted it\n"
        }
        if proof.missingCopies.count > Self.missingShown {
            text +=
                "MISSING: \(proof.missingCopies.count - Self.missingShown) more; `layover prove --live --format json` names all\n"
        }
        return text
    }

    /// What could not be asked, a line each.
    var warnings: [String] {
        proof.problems.map { "\($0.mailbox.address): \($0.error.code): \($0.error)" }
            + proof.closedFolders.map { "\($0): the server did not open this folder; what is missing may be there" }
            + proof.untoldFolders.map {
                "\($0): the server does not tell of all its messages; what is missing may be there"
            }
    }

    private static func words(_ place: LiveProof.Place) -> String { "\(place.folder) UID \(place.uid)" }
}
