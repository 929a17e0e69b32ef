import HTTPTypes
import Hummingbird

/// Refuses what the console has no use for before anything looks at it.
struct RequestGuard: RouterMiddleware {
    let hosts: HostRule

    func handle(
        _ request: Request, context: ConsoleRequestContext,
        next: (Request, ConsoleRequestContext) async throws -> Response
    ) async throws -> Response {
        if let refusal = refusal(of: request) {
            return Self.closing(refusal, context: context, if: announcesBody(request))
        }
        return try await next(request, context)
    }

    private func refusal(of request: Request) -> Response? {
        // A request without Host, or with two, is malformed (RFC 9112 §3.2); the first one became the authority.
        guard let authority = request.head.authority, !authority.isEmpty, request.headers[Self.host] == nil else {
            return PlainText.response(.badRequest, "One Host is needed.")
        }
        guard hosts.allows(authority) else {
            return PlainText.response(
                .misdirectedRequest,
                "This is not the host that was asked for. Names are allowed in the configuration of the console.")
        }
        guard request.method == .get || request.method == .head else {
            var response = PlainText.response(.methodNotAllowed, "Only GET and HEAD.")
            response.headers[.allow] = "GET, HEAD"
            return response
        }
        guard request.head.path?.utf8.first == UInt8(ascii: "/") else {
            return PlainText.response(.badRequest, "The target must be a path.")
        }
        guard !announcesBody(request) else {
            return PlainText.response(.contentTooLarge, "A request has no body here.")
        }
        return nil
    }

    private func announcesBody(_ request: Request) -> Bool {
        request.headers[.transferEncoding] != nil || (request.headers[.contentLength] ?? "0") != "0"
    }

    /// A connection that still has a body to send ends with the answer: nobody waits for octets that nobody wants.
    private static func closing(_ response: Response, context: ConsoleRequestContext, if hasBody: Bool) -> Response {
        guard hasBody else { return response }
        var response = response
        response.headers[.connection] = "close"
        let (body, channel) = (response.body, context.channel)
        response.body = ResponseBody(contentLength: body.contentLength) { writer in
            try await body.write(writer)
            channel.close(promise: nil)
        }
        return response
    }

    private static let host = HTTPField.Name("Host") ?? .from
}
