import Spool
import Synchronization

/// Journals what a live proof settles. A journal that cannot be written must not cost the proof its answer: it is told at the end.
final class ProofRecorder: Sendable {
    private let workspace: Workspace
    private let failure = Mutex<(any Error)?>(nil)

    init(workspace: Workspace) { self.workspace = workspace }

    /// Never throws.
    @Sendable func record(_ acts: [JournalAct]) async {
        do {
            try await workspace.record(acts)
        } catch {
            failure.withLock { $0 = $0 ?? error }
        }
    }

    /// Throws the first error.
    func check() throws {
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
