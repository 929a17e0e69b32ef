import Foundation

/// Debian's Cyrus and Courier, unpacked by `Tests/Servers/unpack` and installed nowhere.
public enum ServerPackages {
    /// `LAYOVER_SERVERS`, else where `Tests/run` unpacks them.
    public static let root =
        ProcessInfo.processInfo.environment["LAYOVER_SERVERS"] ?? "/var/cache/layover-tests/servers"

    /// Why these servers cannot be run here; nil where they can.
    public static let obstacle: String? = {
        guard getuid() == 0 else { return "needs root" }
        guard access(root + "/complete", R_OK) == 0 else { return "needs `bash Tests/Servers/unpack`" }
        do {
            try HostProgram.run("unshare", ["--mount", "--pid", "--fork", "true"])
            return nil
        } catch {
            return "needs namespaces: \(error)"
        }
    }()

    /// What a shell must set before it runs one of their programs.
    static var shellEnvironment: String {
        let folders =
            ["usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib", "lib/x86_64-linux-gnu"]
            + ["lib/aarch64-linux-gnu", "usr/lib/courier-authlib"]
        let libraries = folders.map { "\(root)/\($0)" }.joined(separator: ":")
        return """
            export PATH=/usr/bin:/usr/sbin:/bin:/sbin LD_LIBRARY_PATH=\(libraries)
            R=\(root)

            """
    }
}
