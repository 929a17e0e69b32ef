import HTTPTypes
import Hummingbird
import Logging

/// Gives every answer, a refusal or an error too, the headers that keep a browser from doing more with it than showing it.
struct ResponseHeaders: RouterMiddleware {
    func handle(
        _ request: Request, context: ConsoleRequestContext,
        next: (Request, ConsoleRequestContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as HTTPError {
            response = PlainText.response(error.status, error.status.reasonPhrase)
        } catch {
            context.logger.error("a request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            response = PlainText.response(.internalServerError, "The request failed; the log says why.")
        }
        for field in Self.fields { response.headers[field.name] = field.value }
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// No script, no frame, no form, nothing from elsewhere; nothing kept, nothing told to other sites.
    static let policy =
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    private static let fields: [HTTPField] = [
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cache-Control", "no-store"),
    ].compactMap { name, value in HTTPField.Name(name).map { HTTPField(name: $0, value: value) } }
}
