import MailModel
import Mustache

/// The front page, rendered from a status.
struct StatusPage: Sendable {
    private let template: MustacheTemplate

    /// - Throws: `ConsoleError` `.page` for a template with a mistake in it.
    init() throws(ConsoleError) {
        MustacheContentTypes.register(PageContent(), named: PageContent.name)
        do {
            template = try MustacheTemplate(string: StatusTemplate.text)
        } catch {
            throw ConsoleError(code: .page, message: "the template of the status page: \(error)")
        }
    }

    /// - Parameter isStill: the page does not load itself again.
    func render(_ status: ConsoleStatus, isStill: Bool = false) -> String {
        template.render(StatusView(status, isStill: isStill))
    }

    /// The page while there is no status.
    func render(failure: any Error, isStill: Bool = false) -> String {
        template.render(StatusView(failure: failure, isStill: isStill))
    }
}
