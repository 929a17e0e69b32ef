import NIOCore

extension Error {
    /// The system's number, where a socket's call has failed.
    var systemNumber: Int32? { (self as? IOError)?.errnoCode }
}
