import Ledger
import MailModel
import Spool

/// What looking through a whole mailbox for our ids has shown.
struct MailboxSurvey {
    /// A message that carries an id of ours and is not what was appended, or could not be read.
    struct Strange {
        var place: FolderPlace
        var copy: Adoption.Copy
        var why: String
        /// It is known to be delivered already: nothing is to be adopted.
        var isDelivered: Bool
    }

    private static let idsNamed = 10

    var folders = 0
    var messages = 0
    var adopted = 0
    /// Messages of which the mailbox has one true copy that counts.
    var counted: Set<MessageID> = []
    var strange: [MessageID: Strange] = [:]
    var doubtful: Set<MessageID> = []
    /// Messages with an id that the spool does not know, and the first of those ids.
    private(set) var unknown = 0
    private(set) var unknownIDs: [MessageID] = []
    /// Folders that the server did not open, or of whose messages it did not tell all.
    var closedFolders: [String] = []

    /// Those of them that nobody answers for.
    func unseen(without folders: Set<String>) -> [String] { closedFolders.filter { !folders.contains($0) } }

    /// After a connection broke: everything is looked at once more, and what was journaled stays.
    var begunAnew: MailboxSurvey {
        var survey = MailboxSurvey()
        (survey.adopted, survey.doubtful) = (adopted, doubtful)
        return survey
    }

    mutating func addUnknown(_ id: MessageID, copies: Int) {
        unknown += copies
        if unknownIDs.count < Self.idsNamed { unknownIDs.append(id) }
    }

    /// Whether its copies must be read: to adopt one, or to know that there are two.
    func mustRead(_ message: FoundMessage, copies: Int) -> Bool {
        !message.open.isEmpty || copies > 1 || counted.contains(message.id)
    }

    /// For the journal.
    var text: String {
        "\(messages) messages in \(folders) folders: adopted \(adopted), doubtful \(doubtful.count), \(unknown) that this spool does not have"
            + (closedFolders.isEmpty
                ? "" : "; left out with --without-folder: \(closedFolders.joined(separator: ", "))")
    }
}

extension ReplayError {
    init(notWhole folders: [String], of mailbox: RosterMailbox, target: String) {
        let names = folders.map { "'\($0)'" }.joined(separator: ", ")
        self.init(
            .notWhole,
            "\(target) does not open, or does not show wholly: \(names); what was delivered and lies there would come a second time: have the server mended and reconcile again, or, where no mail of ours can be there, `layover replay --reconcile --mailbox \(mailbox.address)"
                + folders.map { " --without-folder '\($0)'" }.joined() + "`"
        )
    }
}

/// A folder as it was found.
struct FolderPlace: Hashable {
    var folder: String
    var uidValidity: UInt32
}
