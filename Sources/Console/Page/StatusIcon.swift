/// The page's icon, so that a tab in the background tells how things are: by shape, not only by colour.
enum StatusIcon {
    static let healthy = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#1a7f4b"/>\
        <path d="M4.5 8.2 7 10.7l4.6-5" fill="none" stroke="#fff" stroke-width="1.8"/></svg>
        """

    static let problem = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M8 1 15.5 15H.5z" fill="#c0281c"/>\
        <path d="M8 6v4.5M8 12v1.6" fill="none" stroke="#fff" stroke-width="1.6"/></svg>
        """
}
