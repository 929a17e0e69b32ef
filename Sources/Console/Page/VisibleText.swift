/// Text that others wrote, made safe to look at: what would be invisible or would reorder its surroundings is spelled out.
enum VisibleText {
    /// One line: every control and format character becomes `⟨U+202E⟩`, and what is over the limit is cut.
    static func line(_ text: String) -> String { visible(text.unicodeScalars, keeping: nil) }

    /// As `line`, but line feeds stay.
    static func lines(_ text: String) -> String { visible(text.unicodeScalars, keeping: "\n") }

    /// Nothing but text: neither what a terminal or a browser obeys, nor what it does not show (UTS #55 §2.1 and more).
    static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: !scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    private static func visible(_ scalars: String.UnicodeScalarView, keeping kept: Unicode.Scalar?) -> String {
        var result = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            guard index < ConsoleLimits.textScalars else {
                result.append("…")
                break
            }
            if isVisible(scalar) || scalar == kept {
                result.append(scalar)
            } else {
                result.append(contentsOf: spelled(scalar))
            }
        }
        return String(result)
    }

    private static func spelled(_ scalar: Unicode.Scalar) -> String.UnicodeScalarView {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "⟨U+\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)⟩".unicodeScalars
    }
}
