import MailModel

extension HeadLines {
    /// The lines on top of a copy that a rehearsal puts into a shadow folder.
    ///
    ///     Return-Path: <a@sender.example>
    ///     Delivered-To: <b@example.com>
    ///     X-Layover-Id: rehearsal
    ///     X-Layover-Rehearsal: 01jd5y0c8q3v6h2k9m4n7p1r5s
    ///
    /// Whoever looks for delivered copies goes by the first `X-Layover-Id` of a message. It is here, so that one further down, in mail
    /// that somebody has forwarded, is not the first; and it is no id, so that a shadow copy is never taken for a delivered one, in
    /// whatever folder, view or search it shows. The message's own id stands nowhere on top: a search for it as a part of a header must
    /// not find the copy either. The last line names the run, by which the copies are known when they are to go.
    static func shadow(sender: String, recipient: String, run: MessageID) -> [UInt8] {
        var lines: [UInt8] = []
        append("Return-Path: <", sender, ">\r\n", to: &lines)
        append("Delivered-To: <", recipient, ">\r\n", to: &lines)
        append("X-Layover-Id: ", "rehearsal", "\r\n", to: &lines)
        append("X-Layover-Rehearsal: ", run.description, "\r\n", to: &lines)
        return lines
    }
}
