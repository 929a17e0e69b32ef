/// What went wrong with the console. Like an enum, but extensible: switch over `code`, show `description`.
public struct ConsoleError: Error, Sendable, CustomStringConvertible {
    public struct Code: Hashable, Sendable {
        private enum Base: Hashable {
            case address, listen, page, slow
        }
        private let base: Base

        /// The address to listen on is not one that the console takes: a mistake of the configuration.
        public static let address = Code(base: .address)
        /// The address cannot be listened on now.
        public static let listen = Code(base: .listen)
        /// The page's template does not parse.
        public static let page = Code(base: .page)
        /// The source did not answer in time.
        public static let slow = Code(base: .slow)
    }

    public let code: Code
    /// One line for a person: what, where, what to do.
    public let message: String

    init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
