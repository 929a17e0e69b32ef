import HTTPTypes
import Hummingbird

/// What can be asked for:
///
/// - `/` the page (`/?still` without reloading), `/style.css` and the two icons beside it;
/// - `/metrics` the figures for Prometheus;
/// - `/livez` the process answers;
/// - `/readyz` mail is taken: 200, else 503 with the reasons.
struct ConsoleRoutes: Sendable {
    let source: any ConsoleSource
    let page: StatusPage

    func router(hosts: HostRule) -> Router<ConsoleRequestContext> {
        let router = Router(context: ConsoleRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ResponseHeaders())
        router.add(middleware: RequestGuard(hosts: hosts))
        router.get("/") { request, _ in await front(isStill: request.uri.query == "still") }
        router.get("/metrics") { _, _ in await metrics() }
        router.get("/livez") { _, _ in PlainText.response(.ok, "alive") }
        router.get("/readyz") { _, _ in await readiness() }
        router.get("/style.css") { _, _ in Self.response(StyleSheet.text, type: "text/css; charset=utf-8") }
        router.get("/healthy.svg") { _, _ in Self.response(StatusIcon.healthy, type: "image/svg+xml") }
        router.get("/problem.svg") { _, _ in Self.response(StatusIcon.problem, type: "image/svg+xml") }
        return router
    }

    private func front(isStill: Bool) async -> Response {
        let type = "text/html; charset=utf-8"
        do {
            return Self.response(page.render(try await source.status(), isStill: isStill), type: type)
        } catch {
            return Self.response(page.render(failure: error, isStill: isStill), type: type, status: .serviceUnavailable)
        }
    }

    /// Always answered with 200: a scrape that fails would hide that the status does.
    private func metrics() async -> Response {
        let result: Result<ConsoleStatus, any Error>
        do { result = .success(try await source.status()) } catch { result = .failure(error) }
        return Self.response(MetricsPage.text(result), type: "text/plain; version=0.0.4; charset=utf-8")
    }

    private func readiness() async -> Response {
        let health: ConsoleHealth
        do { health = ConsoleHealth(try await source.status()) } catch { health = ConsoleHealth(failure: error) }
        guard health.isReady else {
            return PlainText.response(.serviceUnavailable, health.obstacles.joined(separator: "\n"))
        }
        return PlainText.response(.ok, "ready")
    }

    private static func response(_ text: String, type: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
