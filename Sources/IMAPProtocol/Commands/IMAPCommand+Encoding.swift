extension IMAPCommand {
    /// The command's bytes. Throws `IMAPEncodeError` for a value that could end the command early.
    public func encode(tag: IMAPTag) throws -> EncodedCommand {
        var encoder = CommandEncoder(tag: tag)
        switch self {
        case .capability: encoder.word("CAPABILITY")
        case .noop: encoder.word("NOOP")
        case .logout: encoder.word("LOGOUT")
        case .startTLS: encoder.word("STARTTLS")
        case .namespace: encoder.word("NAMESPACE")
        case .close: encoder.word("CLOSE")
        case .unselect: encoder.word("UNSELECT")
        case .login(let user, let password):
            encoder.word("LOGIN")
            try encoder.string(user)
            try encoder.string(password)
        case .authenticatePlain(let authorize, let authenticate, let password, let hasInitialResponse):
            encoder.word("AUTHENTICATE PLAIN")
            let response = try Self.plain(authorize, authenticate, password)
            if hasInitialResponse { encoder.word(response) } else { encoder.answerToContinuation(response) }
        case .id(let name, let version):
            encoder.word("ID (\"name\"")
            try encoder.string(name)
            if let version {
                encoder.word("\"version\"")
                try encoder.string(version)
            }
            encoder.closeList()
        case .list(let reference, let pattern):
            encoder.word("LIST")
            try encoder.string(reference)
            try encoder.string(pattern)
        case .status(let mailbox):
            encoder.word("STATUS")
            try encoder.mailbox(mailbox)
            encoder.word("(MESSAGES UIDNEXT UIDVALIDITY)")
        case .create(let mailbox): try encoder.command("CREATE", mailbox)
        case .examine(let mailbox): try encoder.command("EXAMINE", mailbox)
        case .delete(let mailbox): try encoder.command("DELETE", mailbox)
        case .select(let mailbox): try encoder.command("SELECT", mailbox)
        case .myRights(let mailbox): try encoder.command("MYRIGHTS", mailbox)
        case .statusAppendLimit(let mailbox):
            try encoder.command("STATUS", mailbox)
            encoder.word("(APPENDLIMIT)")
        case .uidMarkDeleted(let uids):
            guard !uids.isEmpty else { throw IMAPEncodeError(.emptyUIDSet) }
            encoder.word("UID STORE \(uids.text) +FLAGS.SILENT (\\Deleted)")
        case .uidExpunge(let uids):
            guard !uids.isEmpty else { throw IMAPEncodeError(.emptyUIDSet) }
            encoder.word("UID EXPUNGE \(uids.text)")
        case .getQuotaRoot(let mailbox): try encoder.command("GETQUOTAROOT", mailbox)
        case .uidFetch(let uids, let items):
            guard !uids.isEmpty else { throw IMAPEncodeError(.emptyUIDSet) }
            encoder.word("UID FETCH")
            encoder.word(uids.text)
            encoder.word(items.rawValue)
        }
        return encoder.finish()
    }

    /// authzid NUL authcid NUL password in base 64 (RFC 4616 §2).
    private static func plain(_ authorize: String, _ authenticate: String, _ password: String) throws -> String {
        let parts = [authorize, authenticate, password].map { Array($0.utf8) }
        guard !parts.contains(where: { $0.contains(0) }) else { throw IMAPEncodeError(.controlCharacter) }
        return Base64.encode(Array(parts.joined(separator: [0])))
    }
}
