import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore

@testable import Console

/// A console without a socket.
enum InMemoryConsole {
    static func service(_ source: any ConsoleSource, allowedHosts: [String] = []) throws -> ConsoleService {
        ConsoleService(
            configuration: try ConsoleConfiguration(host: "127.0.0.1", port: 0, allowedHosts: allowedHosts),
            source: source,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Asks for one thing as `http://localhost`.
    static func ask(
        _ uri: String, _ method: HTTPRequest.Method = .get, headers: HTTPFields = [:], body: ByteBuffer? = nil,
        of source: any ConsoleSource = FixedSource(SampleStatus.healthy)
    ) async throws -> TestResponse {
        try await service(source).application().test(.router) { client in
            try await client.executeRequest(uri: uri, method: method, headers: headers, body: body)
        }
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
}
