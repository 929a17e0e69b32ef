import Logging
import ServiceLifecycle

@testable import Console

/// A console that listens on a port of the system's choice while a test runs.
enum RunningConsole {
    static func with(
        _ source: any ConsoleSource, allowedHosts: [String] = [], _ body: @Sendable @escaping (Int) async throws -> Void
    ) async throws {
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let console = ConsoleService(
            configuration: try ConsoleConfiguration(host: "127.0.0.1", port: 0, allowedHosts: allowedHosts),
            source: source,
            logger: silent
        ) { port in
            found.yield(port)
            found.finish()
        }
        let services = ServiceGroup(configuration: .init(services: [.init(service: console)], logger: silent))
        try await withThrowingTaskGroup { group in
            group.addTask {
                defer { found.finish() }
                try await services.run()
            }
            for await port in ports {
                do {
                    try await body(port)
                } catch {
                    await services.triggerGracefulShutdown()
                    throw error
                }
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }
}
