"""What is generated into deploy/ is as the code would write it now."""

from deploy.generate.__main__ import files, stale


def test_no_generated_file_is_stale() -> None:
    assert [str(path) for path in stale()] == []


def test_everything_generated_has_a_path_of_its_own() -> None:
    paths = [path for path, _ in files()]
    assert len(paths) == len(set(paths)) >= 5
