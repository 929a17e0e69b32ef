/// Lines of a table for a terminal.
enum TableText {
    /// Cells padded to their widths (0: as long as it is), cut with `…` where they are longer; control characters shown
    /// as blanks.
    static func line(_ cells: [(text: String, width: Int)]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let text = String(
                cell.text.map {
                    $0.unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) } ? " " : $0
                })
            let shown = cell.width > 0 && text.count > cell.width ? text.prefix(cell.width - 1) + "…" : text[...]
            line += shown
            if index < cells.count - 1 { line += String(repeating: " ", count: max(0, cell.width - shown.count) + 2) }
        }
        return line + "\n"
    }
}
