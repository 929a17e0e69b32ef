/// Where the console listens and by which names it may be asked.
///
/// The console has no password and speaks plain HTTP, so it takes a loopback address only; a proxy with a login and TLS, or
/// an SSH tunnel, makes it reachable from elsewhere.
public struct ConsoleConfiguration: Hashable, Sendable {
    /// An IP address of this host's loopback, without brackets.
    public let host: String
    /// 0 lets the system choose.
    public let port: Int
    /// Names beside `localhost` and the loopback addresses that a request's Host may carry.
    public let allowedHosts: [String]

    /// - Parameter allowedHosts: names as a browser sends them: `console.example.com` for any port, `console.example.com:8443`
    ///   for this one. Needed where a proxy passes the name on.
    /// - Throws: `ConsoleError` `.address` for anything but a loopback IP address or a port that is none.
    public init(host: String, port: Int, allowedHosts: [String] = []) throws(ConsoleError) {
        guard LoopbackAddress.isLoopback(host) else {
            throw ConsoleError(
                code: .address,
                message:
                    "the console speaks plain HTTP without a password and does not listen on \(host): listen on 127.0.0.1 or "
                    + "[::1] and put a proxy with a login in front, or use `ssh -L`")
        }
        guard (0...65_535).contains(port) else {
            throw ConsoleError(code: .address, message: "\(port) is no port: give one from 1 to 65535")
        }
        self.host = host
        self.port = port
        self.allowedHosts = allowedHosts
    }

    /// `127.0.0.1:8025`, `[::1]:8025`.
    func address(port: Int) -> String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
