#if canImport(Glibc)
import Glibc
#endif

/// The system calls that an open file makes: the kernel's, or a test's that interrupts them and cuts them short.
///
/// Each returns what the call of its name returns, and leaves its reason in `errno`.
struct FileCalls: Sendable {
    var write: @Sendable (Int32, UnsafePointer<iovec>, Int32, Int) -> Int = { pwritev($0, $1, $2, $3) }
    var read: @Sendable (Int32, UnsafeMutableRawPointer, Int, Int) -> Int = { pread($0, $1, $2, $3) }
    var truncate: @Sendable (Int32, Int) -> Int32 = { ftruncate($0, $1) }
    var sync: @Sendable (Int32) -> Int32 = { fdatasync($0) }

    static let kernel = FileCalls()
}
