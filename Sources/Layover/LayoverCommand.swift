@main struct Layover { static func main() {} }
