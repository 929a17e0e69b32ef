/// Why the active segment could not be made, extended or ended, and what that leaves on disk.
struct SegmentFailure: Error {
    var cause: SpoolError
    /// F2 succeeded after a failed *write*: nothing unknown is left. Never so after a failed sync, since then the page cache
    /// lies (A3).
    var isTakenBack: Bool

    init(_ error: any Error, isTakenBack: Bool) {
        cause = error as? SpoolError ?? SpoolError(code: .io, message: "\(error)")
        self.isTakenBack = isTakenBack
    }

    /// F3 or F4.
    var outcome: SegmentWriterLoop.Outcome {
        isTakenBack && (cause.code == .noSpace || cause.isShortOfDescriptors) ? .refused(cause) : .ended(cause)
    }
}
