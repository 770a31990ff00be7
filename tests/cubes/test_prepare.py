"""The preparation cube's first task: what it writes, and what it refuses by name."""

import os
import zlib

import numpy as np
import pytest
from PIL import Image
from xray_prep.entry import main
from xray_prep.images import BadImage, read_xray


@pytest.fixture
def three(volumes, random):
    """Three good images of the prepared size."""
    images = {f"case_{i}": random.integers(0, 256, (28, 28), dtype=np.uint8) for i in range(3)}
    volumes.parameters("prep")
    volumes.raw(images, {"case_2": "pneumonia", "case_0": "normal", "case_1": "pneumonia"})
    return images


def refusal(volumes):
    outcome = volumes.run(main, "prepare")
    assert outcome.code == 1
    assert "Traceback" not in outcome.err
    assert not (volumes.root / "labels/labels.csv").exists()
    return outcome.err.splitlines()[-1]


def test_an_image_of_the_prepared_size_keeps_its_values(volumes, three):
    assert volumes.run(main, "prepare").code == 0
    for name, pixels in three.items():
        prepared = np.load(volumes.root / f"data/{name}.npy")
        assert prepared.dtype == np.float32
        assert np.array_equal(prepared, pixels.astype(np.float32) / np.float32(255))


def test_labels_are_written_in_the_order_of_their_ids(volumes, three):
    volumes.run(main, "prepare")
    written = (volumes.root / "labels/labels.csv").read_text()
    assert written == "Image ID,Label\ncase_0,normal\ncase_1,pneumonia\ncase_2,pneumonia\n"


def test_preparing_twice_leaves_the_same_bytes_and_nothing_from_before(volumes, three):
    def written():
        files = [*volumes.root.glob("data/*"), *volumes.root.glob("labels/*")]
        return {path.name: path.read_bytes() for path in files}

    volumes.run(main, "prepare")
    first = written()
    (volumes.root / "data/left_over.npy").write_bytes(b"from a run that was cut short")
    volumes.run(main, "prepare")
    assert written() == first


def test_shrinking_averages_over_all_pixels_of_the_middle_square(tmp_path):
    pixels = np.zeros((280, 400), dtype=np.uint8)
    pixels[:, 60:340:2] = 200
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    prepared = read_xray(tmp_path / "wide.png", 28)
    assert prepared.shape == (28, 28)
    # The outermost columns have neighbours on one side only.
    assert prepared[:, 1:-1] == pytest.approx(np.full((28, 26), 100 / 255), abs=0.01)


@pytest.mark.parametrize("shape", [(1, 1), (5, 900), (27, 28), (1000, 30)])
def test_images_of_any_size_stay_within_0_and_1(tmp_path, random, shape):
    Image.fromarray(random.choice(np.array([0, 255], dtype=np.uint8), shape)).save(
        tmp_path / "odd.png"
    )
    prepared = read_xray(tmp_path / "odd.png", 28)
    assert prepared.shape == (28, 28)
    assert 0 <= prepared.min() <= prepared.max() <= 1


@pytest.mark.parametrize("mode", ["1", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_that_is_not_8_bit_grey_is_named_with_its_mode(volumes, three, mode):
    Image.new(mode, (28, 28)).save(volumes.root / "raw_data/case_1.png")
    assert "image 'case_1.png' is no 8-bit grey image" in refusal(volumes)


def test_a_jpeg_that_calls_itself_png_is_named(volumes, three):
    Image.new("L", (28, 28)).save(volumes.root / "raw_data/case_1.png", format="JPEG")
    assert "image 'case_1.png' is no PNG image" in refusal(volumes)


def test_a_png_cut_short_is_named(volumes, three):
    path = volumes.root / "raw_data/case_1.png"
    path.write_bytes(path.read_bytes()[:-200])
    assert "image 'case_1.png' is a damaged PNG image" in refusal(volumes)


def test_an_image_that_would_fill_the_memory_is_refused_unread(tmp_path):
    Image.new("L", (1, 1)).save(tmp_path / "bomb.png")
    png = bytearray((tmp_path / "bomb.png").read_bytes())
    png[16:24] = (60_000).to_bytes(4) * 2
    png[29:33] = zlib.crc32(png[12:29]).to_bytes(4)
    (tmp_path / "bomb.png").write_bytes(png)
    with pytest.raises(BadImage, match="has more than"):
        read_xray(tmp_path / "bomb.png", 28)


def test_a_pipe_in_the_place_of_an_image_is_named_and_not_waited_for(volumes, three):
    (volumes.root / "raw_data/case_1.png").unlink()
    os.mkfifo(volumes.root / "raw_data/case_1.png")
    assert "image 'case_1.png' is no file" in refusal(volumes)


def test_an_image_without_a_row_is_named(volumes, three):
    Image.new("L", (28, 28)).save(volumes.root / "raw_data/stranger.png")
    assert "image 'stranger.png' has no row in labels.csv" in refusal(volumes)


def test_a_row_without_an_image_is_named(volumes, three):
    (volumes.root / "raw_data/case_2.png").unlink()
    assert "names the image 'case_2.png', which is missing" in refusal(volumes)


def test_a_file_of_another_kind_is_named(volumes, three):
    (volumes.root / "raw_data/notes.txt").write_text("")
    assert "file 'notes.txt' is not named <Image ID>.png" in refusal(volumes)


def test_hidden_files_of_a_desktop_do_not_count(volumes, three):
    (volumes.root / "raw_data/.DS_Store").write_text("")
    assert volumes.run(main, "prepare").code == 0


@pytest.mark.parametrize("header", [["Image ID"], ["Label"], ["id", "label"]])
def test_a_missing_column_is_named(volumes, three, header):
    volumes.table("raw_labels/labels.csv", header, [["case_0"] * len(header)])
    missing = next(name for name in ("Image ID", "Label") if name not in header)
    assert f"labels.csv has no column named '{missing}'" in refusal(volumes)


def test_an_unknown_label_is_named_with_its_line(volumes, three):
    rows = [["case_0", "normal"], ["case_1", "pnuemonia"], ["case_2", "normal"]]
    volumes.table("raw_labels/labels.csv", ["Image ID", "Label"], rows)
    assert "labels.csv line 3: unknown label 'pnuemonia'" in refusal(volumes)


def test_a_duplicate_row_is_named_with_its_line(volumes, three):
    rows = [[f"case_{i}", "normal"] for i in (0, 1, 2, 1)]
    volumes.table("raw_labels/labels.csv", ["Image ID", "Label"], rows)
    assert "labels.csv line 5: image id 'case_1' is a duplicate" in refusal(volumes)


@pytest.mark.parametrize(
    "evil", ["../up", "a/b", "a\\b", "..", "a..b", ".hidden", "bell\a", "x" * 300]
)
def test_an_id_that_could_leave_its_folder_is_refused(volumes, three, evil):
    volumes.table("raw_labels/labels.csv", ["Image ID", "Label"], [[evil, "normal"]])
    outcome = volumes.run(main, "prepare")
    assert outcome.code == 1
    assert "labels.csv line 2: the image id" in outcome.err
    assert not any((volumes.root / "data").iterdir())


def test_an_empty_id_is_named_with_its_line(volumes, three):
    volumes.table("raw_labels/labels.csv", ["Image ID", "Label"], [["", "normal"]])
    outcome = volumes.run(main, "prepare")
    assert "labels.csv line 2: the image id is empty" in outcome.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no column named 'Image ID'"),
        (b"Image ID,Label\n", "no row below its header"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe", "no CSV file in UTF-8"),
        (b'Image ID,Label\n"case_0,normal\n', "no CSV file in UTF-8"),
    ],
)
def test_a_labels_file_that_is_no_table_is_refused(volumes, three, content, said):
    (volumes.root / "raw_labels/labels.csv").write_bytes(content)
    assert said in refusal(volumes)


def test_a_missing_labels_file_is_named(volumes, three):
    (volumes.root / "raw_labels/labels.csv").unlink()
    assert "there is no labels.csv" in refusal(volumes)


def test_a_table_from_a_spreadsheet_is_read(volumes, three):
    table = "\ufeffImage ID,Label,Age\r\n" + "".join(f"case_{i},normal,7\r\n" for i in range(3))
    (volumes.root / "raw_labels/labels.csv").write_bytes(table.encode())
    assert volumes.run(main, "prepare").code == 0


def test_of_many_problems_twenty_are_named_and_all_are_counted(volumes):
    volumes.parameters("prep")
    volumes.raw({}, {f"case_{i:02}": "normal" for i in range(25)})
    outcome = volumes.run(main, "prepare")
    assert len([line for line in outcome.err.splitlines() if line.startswith("- ")]) == 20
    assert "25 problems, 20 of them named above" in outcome.err.splitlines()[-1]


def test_progress_is_said_about_ten_times_and_at_both_ends(volumes, random):
    volumes.parameters("prep")
    images = {f"c{i}": random.integers(0, 256, (28, 28), dtype=np.uint8) for i in range(57)}
    volumes.raw(images, dict.fromkeys(images, "normal"))
    lines = volumes.run(main, "prepare").out.splitlines()
    assert len(lines) == 12
    assert (lines[0], lines[-1]) == ("preparing 57 images", "prepared 57 images")


def test_the_log_level_silences_progress(volumes, three, monkeypatch):
    monkeypatch.setenv("MEDPERF_LOGLEVEL", "WARNING")
    assert volumes.run(main, "prepare").out == ""


@pytest.mark.parametrize(
    "changes",
    [{"image_size": "28"}, {"image_size": 0}, {"classes": "normal"}, {"smallest_group": True}],
)
def test_a_setting_that_cannot_be_used_is_named(volumes, three, changes):
    volumes.parameters("prep", **changes)
    assert f"parameters: {next(iter(changes))}" in refusal(volumes)


@pytest.mark.parametrize("content", ["{", "- a", ""])
def test_a_parameters_file_that_is_no_mapping_is_refused(volumes, three, content):
    (volumes.root / "parameters/parameters.yaml").write_text(content)
    assert "parameters: the file" in refusal(volumes)


def test_a_missing_folder_is_named_without_a_traceback(volumes, three):
    (volumes.root / "parameters/parameters.yaml").unlink()
    assert "No such file or directory" in refusal(volumes)


@pytest.mark.parametrize("arguments", [[], ["infer"], ["prepare", "prepare"]])
def test_a_task_the_cube_does_not_have_is_a_usage_error(volumes, capsys, arguments):
    assert main(arguments, volumes.root) == 2
    assert "prepare, sanity_check, statistics" in capsys.readouterr().err
