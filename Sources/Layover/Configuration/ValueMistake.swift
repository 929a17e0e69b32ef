/// What is wrong with one value, before it is known where in the file it stands.
struct ValueMistake: Error, Hashable, Sendable {
    let message: String
    let remedy: String
    /// Which element of a list is meant, counted from 0; nil for the value as a whole.
    var element: Int?

    init(_ message: String, remedy: String, element: Int? = nil) {
        self.message = message
        self.remedy = remedy
        self.element = element
    }
}
