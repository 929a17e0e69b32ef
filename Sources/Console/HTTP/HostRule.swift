/// Which names a request may ask for, compared exactly.
///
/// A page of a foreign name that is made to resolve to 127.0.0.1 (DNS rebinding) reaches the console from a reader's browser with
/// that foreign name as Host; only names of our own are answered.
struct HostRule: Sendable {
    private let names: Set<String>

    init(_ allowed: [String]) {
        names = Set(["localhost", "127.0.0.1", "[::1]"] + allowed.map { $0.lowercased() })
    }

    /// - Parameter authority: the value of Host: a name or address, a port or none.
    func allows(_ authority: String) -> Bool {
        let authority = authority.lowercased()
        return names.contains(authority) || names.contains(Self.withoutPort(authority))
    }

    /// A tunnel or a proxy may stand on another port, and a port protects from nothing here.
    private static func withoutPort(_ authority: String) -> String {
        guard let colon = authority.utf8.lastIndex(of: UInt8(ascii: ":")) else { return authority }
        let port = authority.utf8[authority.utf8.index(after: colon)...]
        guard (1...5).contains(port.count), port.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else {
            return authority
        }
        return String(authority[..<colon])
    }
}
