import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import Console

@Suite("What can be asked for")
struct RoutesTests {
    static let paths = ["/", "/?still", "/metrics", "/livez", "/readyz", "/style.css", "/healthy.svg", "/problem.svg"]

    @Test(
        "Each path answers 200 with its type",
        arguments: [
            ("/", "text/html; charset=utf-8"), ("/?still", "text/html; charset=utf-8"),
            ("/metrics", "text/plain; version=0.0.4; charset=utf-8"), ("/livez", "text/plain; charset=utf-8"),
            ("/readyz", "text/plain; charset=utf-8"), ("/style.css", "text/css; charset=utf-8"),
            ("/healthy.svg", "image/svg+xml"), ("/problem.svg", "image/svg+xml"),
        ])
    func routes(path: String, type: String) async throws {
        let response = try await InMemoryConsole.ask(path)
        #expect(response.status == .ok)
        #expect(response.header("Content-Type") == type)
        #expect(!response.text.isEmpty)
    }

    @Test("HEAD answers as GET does, without the body", arguments: paths)
    func head(path: String) async throws {
        let (get, head) = (try await InMemoryConsole.ask(path), try await InMemoryConsole.ask(path, .head))
        #expect(head.status == get.status)
        #expect(head.header("Content-Length") == "\(get.body.readableBytes)")
        #expect(head.body.readableBytes == 0)
    }

    @Test(
        "Anything that could change something is refused with 405", arguments: paths + ["/nothing"],
        ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
    func methods(path: String, method: String) async throws {
        let response = try await InMemoryConsole.ask(path, try #require(HTTPRequest.Method(method)))
        #expect(response.status == .methodNotAllowed)
        #expect(response.header("Allow") == "GET, HEAD")
    }

    @Test(
        "Other paths are 404",
        arguments: ["/nothing", "/../etc/passwd", "/%2e%2e/", "/style.css/x", "//", "/metrics%00", "/STYLE.CSS"])
    func unknown(path: String) async throws {
        let response = try await InMemoryConsole.ask(path)
        #expect(response.status == .notFound || path == "//")
        #expect(!response.text.contains("root:"))
    }

    @Test("A target that is no path is refused", arguments: ["http://evil.example/", "*", "localhost:80"])
    func targets(target: String) async throws {
        #expect(try await InMemoryConsole.ask(target).status == .badRequest)
    }

    @Test("A request with a body is refused, and its connection ends")
    func bodies() async throws {
        let response = try await InMemoryConsole.ask("/", body: ByteBuffer(string: "x"))
        #expect(response.status == .contentTooLarge)
        #expect(response.header("Connection") == "close")
        let chunked = try await InMemoryConsole.ask("/", headers: [.transferEncoding: "chunked"])
        #expect(chunked.status == .contentTooLarge)
        #expect(try await InMemoryConsole.ask("/", headers: [.contentLength: "0"]).status == .ok)
    }

    @Test(
        "Every answer has the security headers, refusals and errors too", arguments: paths + ["/nothing", "*"],
        [HTTPRequest.Method.get, .head, .post])
    func securityHeaders(path: String, method: HTTPRequest.Method) async throws {
        let response = try await InMemoryConsole.ask(path, method)
        #expect(
            response.header("Content-Security-Policy")
                == "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        #expect(response.header("X-Content-Type-Options") == "nosniff")
        #expect(response.header("Referrer-Policy") == "no-referrer")
        #expect(response.header("Cross-Origin-Opener-Policy") == "same-origin")
        #expect(response.header("Cross-Origin-Resource-Policy") == "same-origin")
        #expect(response.header("Cache-Control") == "no-store")
        #expect(response.header("Access-Control-Allow-Origin") == nil)
    }

    @Test("A second Host is refused")
    func twoHosts() async throws {
        let host = try #require(HTTPField.Name("Host"))
        #expect(try await InMemoryConsole.ask("/", headers: [host: "evil.example"]).status == .badRequest)
    }

    @Test("Without a status the page and readiness say why, liveness stands, and metrics answer")
    func failure() async throws {
        let source = FixedSource(failure: "disk <on> fire")
        let page = try await InMemoryConsole.ask("/", of: source)
        #expect(page.status == .serviceUnavailable)
        #expect(page.text.contains("disk &lt;on&gt; fire"))
        let readiness = try await InMemoryConsole.ask("/readyz", of: source)
        #expect(readiness.status == .serviceUnavailable)
        #expect(readiness.text == "The status cannot be read: disk <on> fire\n")
        #expect(try await InMemoryConsole.ask("/livez", of: source).status == .ok)
        let metrics = try await InMemoryConsole.ask("/metrics", of: source)
        #expect(metrics.status == .ok)
        #expect(metrics.text.contains("\nlayover_ready 0\n"))
    }
}
