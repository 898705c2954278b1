"""Taking a file from the user's machine."""

from collections.abc import Awaitable, Callable

from nicegui import events, ui

from web.console.desk import Desk

LARGEST_MB = 50


def file_button(
    desk: Desk, name: str, kinds: str, taken: Callable[[str, bytes], Awaitable[None]]
) -> ui.button:
    """A button that lets the user choose a file and gives its name and bytes to `taken`. `name` is the key of
    its text, `kinds` the endings offered, such as `.csv,.xml`."""

    def too_large() -> None:
        desk.complain(desk.say("uploads.too_large", most=LARGEST_MB))

    async def arrived(event: events.UploadEventArguments) -> None:
        upload.reset()
        if event.file.size() > LARGEST_MB * 1_000_000:
            too_large()
            return
        await taken(event.file.name, await event.file.read())

    upload = ui.upload(
        auto_upload=True,
        max_file_size=LARGEST_MB * 1_000_000,
        on_upload=arrived,
        on_rejected=too_large,
    )
    upload.props(f'accept="{kinds}"').classes("unseen")
    button = ui.button(desk.say(name), icon="upload_file")
    # In the browser, without a way through the server: files may be chosen only in answer to a press.
    button.on("click", js_handler=f"() => getElement({upload.id}).$refs.qRef.pickFiles()")
    return button
