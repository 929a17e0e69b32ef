#if canImport(Glibc)
import Glibc
#endif

/// How many files and sockets the process may have open.
enum DescriptorLimit {
    /// Raises the soft limit to the hard one: shells give 1,024, and each session needs a descriptor.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
