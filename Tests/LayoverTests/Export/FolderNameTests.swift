import Testing

@testable import Layover

@Suite("Names of exported mailboxes")
struct FolderNameTests {
    @Test(
        "A usual address is its own name; what could lead elsewhere is written in hexadecimal",
        arguments: [
            ("anna@example.com", "anna@example.com"),
            ("A.Schmidt+x_y-z=1@Example.COM", "a.schmidt+x_y-z=1@example.com"),
            ("../../etc/passwd@example.com", "%2e.%2f.%2e%2fetc%2fpasswd@example.com"),
            ("..@example.com", "%2e.@example.com"), (".hidden@example.com", "%2ehidden@example.com"),
            ("a..b@example.com", "a.%2eb@example.com"), ("a@example.com.", "a@example.com%2e"),
            ("\"a b\"@example.com", "%22a%20b%22@example.com"), ("jörg@example.com", "j%c3%b6rg@example.com"),
            ("a%2fb@example.com", "a%252fb@example.com"), ("a\0b@example.com", "a%00b@example.com"),
            ("a\nb\\c:d*e@example.com", "a%0ab%5cc%3ad%2ae@example.com"), ("postmaster", "postmaster@"),
            ("manifest.jsonl", "manifest.jsonl@"), ("", "@"),
        ])
    func names(sample: (String, String)) {
        #expect(FolderName.of(sample.0) == sample.1)
    }

    @Test("However long the address is, the name fits, and two of them differ", arguments: [181, 254, 1_000, 100_000])
    func length(count: Int) {
        let one = FolderName.of(String(repeating: "x", count: count) + "1@example.com")
        let two = FolderName.of(String(repeating: "x", count: count) + "2@example.com")
        #expect(one.utf8.count <= 180 && two.utf8.count <= 180)
        #expect(one != two)
    }

    @Test("No name is one of a directory, and none hides")
    func harmless() {
        for address in [".", "..", "...", "/", "~", "-rf", "\u{202E}gpj.exe@x", "a@b/../c", " ", "@"] {
            let name = FolderName.of(address)
            #expect(!name.isEmpty && name.first != "." && !name.contains("/") && !name.contains(".."), "\(name)")
        }
    }
}
