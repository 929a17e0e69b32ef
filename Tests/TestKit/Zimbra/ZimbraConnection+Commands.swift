import NIOCore
import Synchronization

extension ZimbraConnection {
    func answer(_ request: ZimbraRequest, fault: ZimbraFault?, _ context: ChannelHandlerContext) {
        let tag = request.tag
        switch request.name {
        case "CAPABILITY":
            say("* CAPABILITY \(server.capabilities(beforeLogin: account == nil))", context)
            accept(tag, "CAPABILITY completed", context)
        case "NOOP": accept(tag, "NOOP completed", context)
        case "ID":
            say(#"* ID ("NAME" "Zimbra" "VERSION" "10.0.0_GA_4518" "RELEASE" "20230301000000")"#, context)
            accept(tag, "ID completed", context)
        case "LOGOUT":
            leave()
            say("* BYE zimbra.test Zimbra IMAP4rev1 server closing connection", context)
            say("\(tag) OK LOGOUT completed", context)
            die(context)
        case "LOGIN":
            logIn(tag, as: request.arguments.first?.text ?? "", request.arguments.last?.text ?? "", context)
        case "AUTHENTICATE":
            guard request.arguments.first?.text?.uppercased() == "PLAIN" else {
                return refuse(tag, "NO mechanism not supported", context)
            }
            guard request.arguments.count > 1, let response = request.arguments[1].text else {
                authenticating = tag
                return say("+ ", context)
            }
            authenticate(tag, response, context)
        default:
            guard let account else { return refuse(tag, "NO must be in AUTHENTICATED or SELECTED state", context) }
            answer(request, account, fault, context)
        }
    }

    private func answer(
        _ request: ZimbraRequest, _ account: String, _ fault: ZimbraFault?, _ context: ChannelHandlerContext
    ) {
        let folder = request.arguments.first?.text ?? ""
        switch request.name {
        case "APPEND": append(request, account, fault, context)
        case "NAMESPACE":
            // Other users' folders are under /home (imap-targets 1.5).
            say(#"* NAMESPACE (("" "/")) (("/home/" "/")) NIL"#, context)
            accept(request.tag, "NAMESPACE completed", context)
        case "LIST", "XLIST": list(request, account, context)
        case "CREATE": create(request.tag, folder, account, context)
        case "STATUS": status(request.tag, folder, account, context)
        case "SELECT", "EXAMINE": select(request, folder, account, context)
        case "UNSELECT", "CLOSE":
            selected = nil
            accept(request.tag, "\(request.name) completed", context)
        case "GETQUOTAROOT": quota(request.tag, folder, account, context)
        case "DELETE": delete(request.tag, folder, account, context)
        case "UID STORE": markDeleted(request, account, context)
        case "UID EXPUNGE": expunge(request, account, context)
        case "UID FETCH": fetch(request, account, context)
        case "UID SEARCH": search(request, account, context)
        default: refuse(request.tag, "BAD command not implemented", context)
        }
    }

    // MARK: Login

    func authenticate(_ tag: String, _ response: String, _ context: ChannelHandlerContext) {
        let words = (Base64Text.decode(response) ?? []).split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard words.count == 3 else { return refuse(tag, "NO AUTHENTICATE failed", context) }
        let settings = server.settings
        let isAdmin = words[1] == settings.admin && words[2] == settings.adminPassword
        let isUser = words[2] == settings.userPassword && (words[0].isEmpty || words[0] == words[1])
        guard isAdmin || isUser else { return refuse(tag, "NO AUTHENTICATE failed", context) }
        enter(tag, words[0].isEmpty ? words[1] : words[0], "AUTHENTICATE", byAdmin: isAdmin, context)
    }

    private func logIn(_ tag: String, as user: String, _ password: String, _ context: ChannelHandlerContext) {
        // LOGIN carries no one to act for (imap-targets 1.3); `*` means nothing here.
        guard password == server.settings.userPassword else { return refuse(tag, "NO LOGIN failed", context) }
        enter(tag, user, "LOGIN", byAdmin: false, context)
    }

    private func enter(
        _ tag: String, _ user: String, _ command: String, byAdmin: Bool, _ context: ChannelHandlerContext
    ) {
        guard !server.settings.refusesClearText else { return refuse(tag, "NO cleartext logins disabled", context) }
        switch server.settings.accounts[user] ?? .normal {
        case .normal: break
        case .withoutIMAP: return refuse(tag, "NO account does not have IMAP access enabled", context)
        case .maintenance:
            say("\(tag) NO [ALERT] account undergoing maintenance; please try again later", context)
            return die(context)
        case .passwordMustBeChanged:
            return refuse(tag, "NO [ALERT] password must be changed before IMAP login permitted", context)
        case .elsewhere(let host):
            return refuse(tag, "NO [REFERRAL imap://\(user)@\(host)/] \(command) failed", context)
        case .forbiddenToAdmin where byAdmin: return refuse(tag, "NO \(command) failed", context)
        case .forbiddenToAdmin: break
        }
        account = user
        accept(tag, "[CAPABILITY \(server.capabilities(beforeLogin: false))] \(command) completed", context)
    }

    // MARK: Folders

    private func list(_ request: ZimbraRequest, _ account: String, _ context: ChannelHandlerContext) {
        for folder in server.state.withLock({ $0.store[account].folders.map(\.name) }) {
            say("* \(request.name) (\\HasNoChildren) \"/\" \"\(folder)\"", context)
        }
        accept(request.tag, "\(request.name) completed", context)
    }

    private func create(_ tag: String, _ name: String, _ account: String, _ context: ChannelHandlerContext) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        // Forbidden characters, and trees that hold no mail (imap-targets 1.5; section 6, rule 12).
        let isLegal = parts.allSatisfy {
            !$0.isEmpty && $0 != "." && $0 != ".." && $0.count <= 255
                && !$0.contains(where: { [":", "\"", "\t", "\r", "\n"].contains($0) })
        }
        let isMail = !["contacts", "calendar", "notebook"].contains(parts.first?.lowercased() ?? "")
        let isMade = server.state.withLock { state in
            var mailbox = state.store[account]
            guard isLegal, isMail, mailbox.index(of: name) == nil else { return false }
            mailbox.changes += 1
            mailbox.lastID += 1
            mailbox.folders.append(
                ZimbraStore.Folder(name: name, uidValidity: mailbox.changes, uidNext: mailbox.lastID + 1))
            state.store[account] = mailbox
            return true
        }
        isMade ? accept(tag, "CREATE completed", context) : refuse(tag, "NO CREATE failed", context)
    }

    private func status(_ tag: String, _ name: String, _ account: String, _ context: ChannelHandlerContext) {
        guard let folder = folder(name, account) else { return refuse(tag, "NO STATUS failed", context) }
        let messages = folder.messages.filter { !$0.isRemoved }.count
        say(
            "* STATUS \"\(name)\" (MESSAGES \(messages) RECENT 0 UIDNEXT \(folder.uidNext) UIDVALIDITY \(folder.uidValidity) UNSEEN \(messages) HIGHESTMODSEQ \(changes(account)))",
            context)
        accept(tag, "STATUS completed", context)
    }

    private func select(
        _ request: ZimbraRequest, _ name: String, _ account: String, _ context: ChannelHandlerContext
    ) {
        guard let folder = folder(name, account) else {
            selected = nil
            return refuse(request.tag, "NO \(request.name) failed", context)
        }
        selected = folder.name
        isReadOnly = request.name == "EXAMINE"
        say("* \(folder.messages.count) EXISTS", context)
        say("* 0 RECENT", context)
        say("* OK [UIDVALIDITY \(folder.uidValidity)] UIDs are valid for this mailbox", context)
        say("* OK [UIDNEXT \(folder.uidNext)] next expected UID is \(folder.uidNext)", context)
        say("* FLAGS (\\Answered \\Deleted \\Draft \\Flagged \\Seen)", context)
        let mode = request.name == "SELECT" ? "READ-WRITE" : "READ-ONLY"
        accept(request.tag, "[\(mode)] \(request.name) completed", context)
    }

    private func quota(_ tag: String, _ name: String, _ account: String, _ context: ChannelHandlerContext) {
        guard folder(name, account) != nil else { return refuse(tag, "NO GETQUOTAROOT failed", context) }
        say("* QUOTAROOT \"\(name)\" \"\"", context)
        // No line where there is no limit; the domain's is never shown (imap-targets 1.2).
        if let quota = server.settings.quota {
            let used = server.state.withLock { $0.store[account].size }
            say("* QUOTA \"\" (STORAGE \(used / 1024) \(quota / 1024))", context)
        }
        accept(tag, "GETQUOTAROOT completed", context)
    }

    private func changes(_ account: String) -> UInt32 { server.state.withLock { $0.store[account].changes } }

    private func shown(_ folder: ZimbraStore.Folder) -> ZimbraStore.Folder {
        let end = ContinuousClock.now - .milliseconds(server.settings.lagMilliseconds)
        guard let hidden = folder.messages.first(where: { $0.storedAt > end }) else { return folder }
        var folder = folder
        folder.uidNext = hidden.uid
        folder.messages.removeAll { $0.uid >= hidden.uid }
        return folder
    }

    func folder(_ name: String, _ account: String) -> ZimbraStore.Folder? {
        server.state.withLock { state in
            let mailbox = state.store[account]
            return mailbox.index(of: name).map { shown(mailbox.folders[$0]) }
        }
    }
}
