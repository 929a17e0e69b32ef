/// UTF-8 in a local part (RFC 6531 §3.3).
enum InternationalText {
    /// Nothing that hides itself or turns the text around it: such an address looks like another one in every log and list.
    static func isVisible(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate: false
            // Bidirectional controls, zero-width spaces, the byte order mark; joiners belong to the spelling of some scripts.
            case .format: scalar.value == 0x200C || scalar.value == 0x200D
            default: true
            }
        }
    }
}
