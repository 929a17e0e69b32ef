/// What an `IMAPFaultProxy` does to one connection. Octets are counted from the first of the connection's first APPEND command, or
/// from the first at all where `fromAppend` is false.
public enum IMAPFault: Hashable, Sendable {
    public enum Direction: Hashable, Sendable {
        case toServer, toClient
    }

    /// Everything goes through.
    case none
    /// After `octets` in one direction both connections are closed; the server is sent all that came before.
    case cut(Direction, octets: Int, fromAppend: Bool = true)
    /// After `octets` in one direction nothing goes through any more, but the connections stay open.
    case stall(Direction, octets: Int)
    /// The octets to the server behind `octets` are kept, and sent only this long after the client has gone: a commit that comes too late.
    case zombie(octets: Int, afterMilliseconds: Int64)
    /// The octets to the server behind `octets` are kept. The proxy answers with a NO of its own and ends the client's connection; the
    /// server gets the rest so long after, counted from the moment when so many APPENDs have begun in all: a NO that was not the last word.
    case lyingRefusal(octets: Int, words: String, afterMilliseconds: Int64, appends: Int = 1)
    /// Each piece in either direction waits.
    case delay(milliseconds: Int64)
}
