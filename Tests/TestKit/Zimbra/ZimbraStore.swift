/// The accounts of the stand-in for Zimbra: folders, messages, and the one counter of item ids of each account.
struct ZimbraStore: Sendable {
    struct Message: Sendable {
        var uid: UInt32
        let bytes: [UInt8]
        /// Seconds since 1970.
        let date: Int64
        var flags: [String]
        var isRemoved = false
        let storedAt = ContinuousClock.now
        /// Taken out by EXPUNGE; only for the moment in which that is done.
        var isExpunged = false
    }

    struct Folder: Sendable {
        let name: String
        /// The change number at creation, 1 for the folders that every account has (imap-targets, finding 10).
        let uidValidity: UInt32
        /// Only an addition changes it (`mailbox/Folder.java`, `updateUIDNEXT`).
        var uidNext: UInt32
        var messages: [Message] = []
    }

    struct Account: Sendable {
        var folders: [Folder]
        /// The last id given to anything. The first item of an account is 257 (`mailbox/Mailbox.java`, FIRST_USER_ID).
        var lastID: UInt32 = 256
        var changes: UInt32 = 1
        var stored = 0

        init() {
            folders = ["INBOX", "Sent", "Drafts", "Trash", "Junk"].map {
                Folder(name: $0, uidValidity: 1, uidNext: 257)
            }
        }

        var size: Int {
            folders.reduce(0) { $0 + $1.messages.filter { !$0.isRemoved }.reduce(0) { $0 + $1.bytes.count } }
        }

        /// Folder names are without case (`mailbox/Folder.java`).
        func index(of name: String) -> Int? {
            folders.firstIndex { $0.name.lowercased() == name.lowercased() }
        }

        mutating func add(_ bytes: [UInt8], date: Int64, flags: [String], to folder: Int, gap: Int) -> UInt32 {
            lastID += 1 + UInt32(gap)
            stored += 1
            changes += 1
            folders[folder].messages.append(Message(uid: lastID, bytes: bytes, date: date, flags: flags))
            folders[folder].uidNext = lastID + 1
            return lastID
        }

        /// Takes a message back; its id is spent.
        mutating func takeBack(_ uid: UInt32, from folder: Int) {
            folders[folder].messages.removeAll { $0.uid == uid }
        }
    }

    private(set) var accounts: [String: Account] = [:]

    subscript(name: String) -> Account {
        get { accounts[name] ?? Account() }
        set { accounts[name] = newValue }
    }

    var size: Int { accounts.values.reduce(0) { $0 + $1.size } }

    mutating func remove(_ name: String) { accounts[name] = nil }
}
