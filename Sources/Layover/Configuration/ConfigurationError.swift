/// A mistake in the configuration: where it stands, what is wrong, and what to write instead.
///
/// Every mistake ends the command with exit 78 (EX_CONFIG) and this one line on standard error.
struct ConfigurationError: Error, Hashable, Sendable {
    /// The path as it was given to `--config`.
    let file: String
    /// Counted from 1; nil when the file itself cannot be read.
    let line: Int?
    /// Dotted as in TOML (`targets.ox.port`); nil when no key is to blame.
    let key: String?
    let message: String
    let remedy: String
}

extension ConfigurationError: CustomStringConvertible {
    /// `FILE:LINE: KEY: what is wrong; what to write instead`, always one line.
    var description: String {
        var text = file
        if let line { text += ":\(line)" }
        if let key { text += ": \(key)" }
        text += ": \(message)"
        if !remedy.isEmpty { text += "; \(remedy)" }
        return text.escapedToOneLine
    }
}

extension String {
    /// Control characters as escapes, so that what a file holds can never break or colour the line that reports it.
    var escapedToOneLine: String {
        var result = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.properties.generalCategory == .control:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
