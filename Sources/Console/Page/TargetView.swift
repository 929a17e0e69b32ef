/// A row of the table of targets.
struct TargetView: Sendable {
    let name: String
    let connections: String
    let rate: String
    let error: String
    let tone: String

    init(_ target: TargetFigures) {
        name = target.name
        connections = "\(FigureText.number(target.connectionsInUse)) of \(FigureText.number(target.connectionCeiling))"
        rate = FigureText.rate(target.messagesPerSecond)
        error = target.lastError ?? ""
        tone = target.lastError == nil ? "calm" : "problem"
    }
}
