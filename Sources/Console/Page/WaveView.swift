/// A row of the table of waves.
struct WaveView: Sendable {
    let name: String
    let state: String
    let cutOver: String
    let percent: Int
    let held: String
    let delivered: String
    let verified: String
    let failed: String
    let tone: String

    init(_ wave: WaveFigures) {
        name = wave.name
        state = wave.isClosed ? "closed" : "open"
        cutOver = "\(FigureText.number(wave.cutOver)) of \(FigureText.number(wave.mailboxes))"
        percent = wave.mailboxes > 0 ? FigureText.percent(wave.cutOver, of: wave.mailboxes) : 0
        held = FigureText.number(wave.held)
        delivered = FigureText.number(wave.delivered)
        verified = FigureText.number(wave.verified)
        failed = FigureText.number(wave.failed)
        tone = wave.failed > 0 ? "problem" : "calm"
    }
}
