import IMAPProtocol
import Ledger
import Logging
import MailModel
import Spool

/// After a spool was brought back: looking through the whole mailbox for our ids, and adopting what is there.
///
/// All folders are looked through, since people move mail. What somebody moves meanwhile from a folder that is still to be looked
/// at into one that was may be missed: do this before the users' clients are let in, or while they are few.
extension MailboxReplay {
    private static let messagesReadAtOnce = 100

    /// Looks through the mailbox under its lock, journals what it has, and lets its held mail go. Throws only where the spool,
    /// journal or Ledger fails.
    ///
    /// Where a folder could not be looked into, or not wholly, the mailbox stays shut: copies there would come a second time.
    ///
    /// - Parameter withoutFolders: folders for which a person has answered for that.
    func reconcile(withoutFolders: Set<String>) async throws -> Result<MailboxSurvey, ReplayError> {
        guard let lock = try await lock() else {
            return .failure(
                ReplayError(.busy, "another process works on the mailbox now; try again when it is through"))
        }
        defer { lock.release() }
        do {
            let survey = try await lookThroughAllFolders(withoutFolders)
            let unseen = survey.unseen(without: withoutFolders)
            guard unseen.isEmpty else {
                await endSession()
                return .failure(ReplayError(notWhole: unseen, of: mailbox.mailbox, target: target.name))
            }
            try await environment.journal.append([.reconciled(mailboxID: id, text: survey.text)])
            await endSession()
            log(.notice, "mailbox reconciled", ["found": "\(survey.text)"])
            return .success(survey)
        } catch {
            await dropSession()
            guard let problem = ReplayError(ofMailbox: error, target: target.name) else { throw error }
            return .failure(problem)
        }
    }

    private func lookThroughAllFolders(_ withoutFolders: Set<String>) async throws -> MailboxSurvey {
        var survey = MailboxSurvey()
        while true {
            // What was adopted before the connection broke must be known.
            try await environment.blocking { [ledger = environment.ledger] in _ = try ledger.catchUp() }
            do {
                for folder in try await session().session.mailboxes() where !folder.isView {
                    try await lookThrough(folder.mailbox, &survey)
                }
                // The true copy may be where nobody could look.
                if survey.unseen(without: withoutFolders).isEmpty { try await adoptStrange(&survey) }
                return survey
            } catch let error as IMAPError where error.code.meansLostConnection {
                try await connectionLost("\(error)")
                survey = survey.begunAnew
            }
        }
    }

    private func lookThrough(_ folder: MailboxName, _ survey: inout MailboxSurvey) async throws {
        let box: FolderPosition
        do {
            box = try await examine(folder)
        } catch let error as IMAPError where error.code == .refused && folder != .inbox {
            survey.closedFolders.append(folder.text)
            return
        }
        survey.folders += 1
        let place = FolderPlace(folder: folder.text, uidValidity: box.uidValidity)
        var look = WholeFolderLook(messages: try await session().session.openCounting(folder).messages)
        repeat {
            var pages = UIDPages(uidNext: box.uidNext)
            while let range = pages.range() {
                guard !environment.isStopping.isSet else { throw ReplayError(.busy, "it was asked to stop") }
                let session = try await self.session().session
                if selected != folder { _ = try await examine(folder) }
                let traces = try await session.fetchTracesAtOnce(range)
                pages.found(traces.count)
                let new = look.new(traces)
                survey.messages += new.count
                try await take(new, place, folder, &survey)
            }
        } while look.wantsAnother()
        if look.isIncomplete { survey.closedFolders.append(folder.text) }
    }

    /// Looks the ids up, and reads those copies whose delivery the journal does not know.
    private func take(
        _ traces: [UID: MailboxTrace], _ place: FolderPlace, _ folder: MailboxName, _ survey: inout MailboxSurvey
    ) async throws {
        var uids: [MessageID: [UID]] = [:]
        for (uid, trace) in traces {
            if let id = trace.id { uids[id, default: []].append(uid) }
        }
        guard !uids.isEmpty else { return }
        let (ledger, mailboxID, ids) = (environment.ledger, self.id, uids.keys.sorted())
        let known = try await environment.blocking { try ledger.foundMail(mailboxID: mailboxID, ids: ids) }
        let knownIDs = Set(known.map(\.id))
        for id in ids where !knownIDs.contains(id) { survey.addUnknown(id, copies: uids[id]?.count ?? 0) }
        var toRead: [FoundMessage] = []
        for message in known where !(message.open.isEmpty && message.verified.isEmpty) {
            if survey.mustRead(message, copies: uids[message.id]?.count ?? 0) {
                toRead.append(message)
            } else {
                survey.counted.insert(message.id)
            }
        }
        for start in stride(from: 0, to: toRead.count, by: Self.messagesReadAtOnce) {
            let group = Array(toRead[start..<min(toRead.count, start + Self.messagesReadAtOnce)])
            try await read(group, uids, place, folder, &survey)
        }
    }

    private func read(
        _ messages: [FoundMessage], _ uids: [MessageID: [UID]], _ place: FolderPlace, _ folder: MailboxName,
        _ survey: inout MailboxSurvey
    ) async throws {
        let digests = try await readBack(messages.flatMap { uids[$0.id] ?? [] }.sorted(), in: folder)
        let known = try await session().personality.forms
        var read = ReadCopies()
        for message in messages {
            let candidates = (uids[message.id] ?? []).sorted()
            guard let forms = try await forms(of: message) else {
                survey.note(message, uid: candidates.first, place, Self.damagedText, form: nil)
                continue
            }
            take(message, forms.matches(candidates, digests, changedBy: known), into: &read, &survey)
            guard read.isNone, let uid = candidates.first(where: { !forms.isForeign(digests[$0]) }) else { continue }
            let why = digests[uid] == nil ? Self.unreadText : Self.differentText
            survey.note(message, uid: uid, place, why, form: forms.own.first)
        }
        try await adopt(read.copies, place, changed: read.changed)
        survey.adopted += read.copies.count
        try await report(read.second, "more than one copy is in the mailbox", &survey)
    }

    /// What is found of some messages in one folder.
    private struct ReadCopies {
        var copies: [Adoption.Copy] = []
        var changed: [VerifiedCopy] = []
        var second: [MessageID] = []
        /// The last message that was looked at has no true copy here.
        var isNone = false
    }

    /// Counts the true copies of one message.
    private func take(
        _ message: FoundMessage, _ ours: [(uid: UID, match: CopyMatch)],
        into read: inout ReadCopies, _ survey: inout MailboxSurvey
    ) {
        read.isNone = ours.isEmpty
        guard let (uid, match) = ours.first else { return }
        let isNew = survey.counted.insert(message.id).inserted
        if !isNew || ours.count > 1 { read.second.append(message.id) }
        guard isNew, message.open.contains(match.form.recipient) else { return }
        read.copies.append(message.adopted(match, uid))
        if let changes = match.changes {
            read.changed.append(
                VerifiedCopy(id: message.id, uid: uid.number, finding: .normalised, changes: changes))
        }
    }

    private static let damagedText = "a copy is there, and the bytes in the spool to compare it with are damaged"

    /// Nil where the stored bytes are damaged.
    private func forms(of message: FoundMessage) async throws -> CopyForms? {
        let reader = environment.reader
        return try await environment.blocking { try CopyForms.readable(message, reader: reader) }
    }

    /// What carries our id and is something else counts where no true copy was found: to deliver again would put a second one
    /// beside what a person, or a program of theirs, has changed. Its bytes stay in the spool, and it is said.
    private func adoptStrange(_ survey: inout MailboxSurvey) async throws {
        let left = survey.strange.filter { !survey.counted.contains($0.key) }
        let toAdopt = left.values.filter { !$0.isDelivered }
        for (place, group) in Dictionary(grouping: toAdopt, by: \.place) {
            for start in stride(from: 0, to: group.count, by: Self.messagesReadAtOnce) {
                let part = group[start..<min(group.count, start + Self.messagesReadAtOnce)]
                try await adopt(part.map(\.copy).sorted { $0.id < $1.id }, place)
            }
        }
        survey.adopted += toAdopt.count
        for (why, group) in Dictionary(grouping: left, by: \.value.why) {
            try await report(group.map(\.key).sorted(), why, &survey)
        }
    }

    /// - Parameter changed: those of them that the server has changed in a way that it is known for.
    private func adopt(_ copies: [Adoption.Copy], _ place: FolderPlace, changed: [VerifiedCopy] = []) async throws {
        guard !copies.isEmpty else { return }
        let batch = environment.batchIDs.next(environment.clock())
        let adoption = Adoption(
            batch: batch, mailboxID: id, target: target.name, login: mailbox.mailbox.login, folder: place.folder,
            uidValidity: place.uidValidity, copies: copies)
        try await environment.journal.append(
            [.adopted(adoption)] + (changed.isEmpty ? [] : [.verified(batch: batch, copies: changed)]))
        for copy in copies { log(.info, "copy adopted", ["id": "\(copy.id)", "uid": "\(copy.uid)"]) }
    }

    private func report(_ ids: [MessageID], _ text: String, _ survey: inout MailboxSurvey) async throws {
        guard !ids.isEmpty else { return }
        try await markDoubtful(ids, text)
        survey.doubtful.formUnion(ids)
    }
}

extension MailboxSurvey {
    fileprivate mutating func note(
        _ message: FoundMessage, uid: UID?, _ place: FolderPlace, _ why: String, form: CopyForms.Form?
    ) {
        guard let uid, let recipient = message.open.first, strange[message.id] == nil else { return }
        let copy = Adoption.Copy(
            id: message.id, recipient: recipient, merged: Array(message.open.dropFirst()), length: form?.length ?? 0,
            digest: form?.digest ?? .zero, uid: uid.number, isExact: false)
        strange[message.id] = Strange(place: place, copy: copy, why: why, isDelivered: !message.delivered.isEmpty)
    }
}

extension FoundMessage {
    fileprivate func adopted(_ match: CopyMatch, _ uid: UID) -> Adoption.Copy {
        let form = match.form
        return Adoption.Copy(
            id: id, recipient: form.recipient, merged: open.filter { $0 != form.recipient }, length: form.length,
            digest: form.digest, uid: uid.number, isExact: match.changes == nil)
    }
}

extension ListResponse {
    /// A folder that shows messages of other folders (RFC 6154): each would be seen twice.
    var isView: Bool { !attributes.isDisjoint(with: ["\\all", "\\flagged"]) }
}
