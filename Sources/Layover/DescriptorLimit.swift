#if canImport(Glibc)
import Glibc
#endif

/// How many files and sockets the process may have open.
enum DescriptorLimit {
    /// Of those the receiver leaves so many to the spool's files, to other services of the process, and to connections beyond
    /// `max_sessions`, which must be taken to be told 421. Half of them where there are very few.
    static let reserve = 256

    /// Raises the soft limit to the hard one: shells give 1,024, and each session needs a descriptor. Gives what holds now; nil where
    /// that cannot be known.
    @discardableResult
    static func raise() -> Int? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// So many of the sessions wanted can be had at once.
    static func sessions(_ wanted: Int, within descriptors: Int) -> Int {
        max(1, min(wanted, descriptors - min(reserve, descriptors / 2)))
    }
}
