import Logging
import MailModel
import NIOCore
import Spool
import Synchronization

/// Counts the attempts to reach unknown recipients that were refused, so that `roster coverage` can tell which of them somebody
/// misses.
///
/// Bounded, whatever is tried: a name more than ``ReceiverLimits/refusedRemembered`` takes the place of the one with the least
/// evidence (a sweep through guessed names asks for each once, from one place), and one network brings in only so many new names a
/// day. What is counted here is on the disk within ``ReceiverLimits/refusedFlush``, and when the receiver ends.
final class RefusedRecipients: Sendable {
    private struct State {
        var recipients: [String: RefusedRecipient] = [:]
        var unlisted = 0
        var isChanged = false
        var newNames: [ClientNetwork: Int] = [:]
        var day: Int64 = 0
    }

    private let limits: ReceiverLimits
    private let state = Mutex(State())

    init(limits: ReceiverLimits) { self.limits = limits }

    /// Names listed, and attempts for others.
    var counts: (listed: Int, unlisted: Int) { state.withLock { ($0.recipients.count, $0.unlisted) } }

    /// Counts one RCPT.
    func note(
        _ recipient: MailAddress, from sender: String, client: String, network: ClientNetwork, isTemporary: Bool,
        now: Timestamp
    ) {
        let key = recipient.key
        state.withLock { state in
            state.isChanged = true
            guard state.recipients[key] != nil || admitsNewName(of: network, now, &state) else {
                state.unlisted &+= 1
                return
            }
            var entry = state.recipients.removeValue(forKey: key) ?? RefusedRecipient(first: now, last: now)
            if isTemporary { entry.deferred &+= 1 } else { entry.rejected &+= 1 }
            entry.last = max(entry.last, now)
            entry.senders.insert(sender.asciiLowercased)
            entry.clients.insert(client)
            entry.lastSender = sender
            state.recipients[key] = entry
        }
    }

    private func admitsNewName(of network: ClientNetwork, _ now: Timestamp, _ state: inout State) -> Bool {
        // Room above the limit until the next `trim`, which is not done while a session waits.
        guard state.recipients.count < limits.refusedRemembered * 2 else { return false }
        let day = now.milliseconds / 86_400_000
        if day != state.day { (state.day, state.newNames) = (day, [:]) }
        let place = network.neighbourhood
        guard let count = state.newNames[place] else {
            guard state.newNames.count < limits.clientsRemembered else { return false }
            state.newNames[place] = 1
            return true
        }
        state.newNames[place] = count + 1
        return count < limits.refusedNewNames
    }

    /// Takes up what an earlier receiver has counted. Blocks.
    func load(layout: SpoolLayout, fileSystem: any SpoolFileSystem) throws {
        guard let file = try RefusedRecipientsFile.read(layout: layout, fileSystem: fileSystem) else { return }
        state.withLock { ($0.recipients, $0.unlisted) = (file.recipients, file.unlisted) }
    }

    /// Brings what is new to the disk; nothing where there is nothing new. Blocks.
    func flush(layout: SpoolLayout, fileSystem: any SpoolFileSystem) throws {
        trim()
        let content = state.withLock { state -> RefusedRecipientsFile? in
            guard state.isChanged else { return nil }
            state.isChanged = false
            return RefusedRecipientsFile(recipients: state.recipients, unlisted: state.unlisted)
        }
        do {
            try content?.write(layout: layout, fileSystem: fileSystem)
        } catch {
            state.withLock { $0.isChanged = true }
            throw error
        }
    }

    /// Forgets those with the least evidence. They are chosen outside the lock: sessions do not wait for the sorting.
    private func trim() {
        let all = state.withLock { $0.recipients }
        guard all.count > limits.refusedRemembered else { return }
        let weakest = all.sorted { $0.value.hasLessEvidence(than: $1.value) }
            .prefix(all.count - limits.refusedRemembered * 9 / 10)
        state.withLock { state in
            for (key, _) in weakest {
                guard let gone = state.recipients.removeValue(forKey: key) else { continue }
                state.unlisted &+= gone.deferred &+ gone.rejected
            }
        }
    }
}
