import NIOCore

/// One HTTP request over a connection of its own, as a monitor makes it.
struct HTTPProbe: Sendable {
    let status: Int
    /// The status line and the headers.
    let head: String
    let body: String

    static func get(
        _ path: String, at address: SocketAddress, method: String = "GET", headers: String = "Host: localhost\r\n"
    ) async throws -> HTTPProbe {
        let client = try await SMTPTestClient.connect(to: address)
        try await client.send("\(method) \(path) HTTP/1.1\r\n\(headers)\r\n")
        let text = await client.everything()
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        return HTTPProbe(
            status: Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0,
            head: parts.first.map(String.init) ?? "", body: parts.count == 2 ? String(parts[1]) : "")
    }

    /// The value of a metric, given with its labels.
    func metric(_ name: String) -> Double? {
        for line in body.split(separator: "\n") where line.hasPrefix(name + " ") {
            return line.split(separator: " ").last.flatMap { Double($0) }
        }
        return nil
    }
}
