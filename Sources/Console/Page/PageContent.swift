import Mustache

/// How a template writes any value: visible and escaped, scalar by scalar.
///
/// Mustache's own HTML escape goes by grapheme clusters and so misses a quote with a combining mark, which still ends an
/// attribute for a browser.
struct PageContent: MustacheContentType {
    static let name = "PAGE"

    func escapeText(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in VisibleText.line(text).unicodeScalars {
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
            case "'": result.append(contentsOf: "&#39;".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
