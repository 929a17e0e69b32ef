import Foundation
import Testing

/// One file of this repository, as the tidy tests look at it.
struct SourceFile: CustomTestStringConvertible {
    /// From the repository's top, such as `Sources/Spool/SpoolError.swift`.
    let path: String
    let lines: [String]

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    /// The folder under `Sources` or `Tests`.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
    var testDescription: String { path }

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The lines without comments and without what stands in string literals; same count, same order.
    var code: [String] {
        var isInText = false
        return lines.map { line in
            if line.components(separatedBy: "\"\"\"").count == 2 {
                defer { isInText.toggle() }
                return isInText ? "" : Self.withoutLiterals(line)
            }
            return isInText ? "" : Self.withoutLiterals(line)
        }
    }

    /// The modules that the file imports, with their line numbers.
    var imports: [(module: String, line: Int)] {
        code.enumerated().compactMap { index, line in
            let words = line.split(separator: " ").map(String.init)
            guard let position = words.firstIndex(of: "import"),
                words[..<position].allSatisfy(Self.mayStandBeforeImport)
            else { return nil }
            let rest = words[(position + 1)...].filter {
                !["struct", "class", "enum", "protocol", "func", "let", "var", "typealias"].contains($0)
            }
            return rest.first.map { (String($0.prefix { $0 != "." }), index + 1) }
        }
    }

    private static func mayStandBeforeImport(_ word: String) -> Bool {
        word.hasPrefix("@") || ["public", "package", "internal", "fileprivate", "private"].contains(word)
    }

    private static func withoutLiterals(_ line: String) -> String {
        var code = ""
        var isInLiteral = false
        var previous: Character = " "
        for character in line {
            if character == "\"" && previous != "\\" {
                isInLiteral.toggle()
                code.append(character)
            } else if !isInLiteral {
                if character == "/" && previous == "/" { return String(code.dropLast()) }
                code.append(character)
            }
            previous = previous == "\\" && character == "\\" ? " " : character
        }
        return code
    }
}
