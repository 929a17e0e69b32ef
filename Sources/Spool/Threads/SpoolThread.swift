#if canImport(Glibc)
import Glibc
#endif

/// A thread of its own for work that waits for the disk, so that neither event loops nor tasks do.
struct SpoolThread: @unchecked Sendable {  // Safe because a pthread_t is a number.
    private let thread: pthread_t

    /// Starts a thread that runs `body` once. `name` (up to 15 bytes) shows in `top -H`.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) throws -> SpoolThread {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                Self.name(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        guard result == 0 else {
            start.release()
            throw SpoolError("start thread", path: name, number: result)
        }
        return SpoolThread(thread: thread)
    }

    /// Waits for its end.
    func join() { pthread_join(thread, nil) }

    /// Names the calling thread, at best effort.
    private static func name(_ name: String) {
        let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = name.utf8CString.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count - 1) }
        Glibc.close(descriptor)
    }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
